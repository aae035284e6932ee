/** Tests of the composition. */
@NullMarked
package dev.larder.operator.config;

import org.jspecify.annotations.NullMarked;
