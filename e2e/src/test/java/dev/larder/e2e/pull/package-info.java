/** Tests of {@code pull}. */
@NullMarked
package dev.larder.e2e.pull;

import org.jspecify.annotations.NullMarked;
