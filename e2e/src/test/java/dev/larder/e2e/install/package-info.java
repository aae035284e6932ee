/** Tests of {@code install}. */
@NullMarked
package dev.larder.e2e.install;

import org.jspecify.annotations.NullMarked;
