/** Tests of {@code cluster}. */
@NullMarked
package dev.larder.e2e.cluster;

import org.jspecify.annotations.NullMarked;
