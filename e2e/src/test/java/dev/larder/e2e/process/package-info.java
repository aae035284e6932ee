/** Tests of {@code process}. */
@NullMarked
package dev.larder.e2e.process;

import org.jspecify.annotations.NullMarked;
