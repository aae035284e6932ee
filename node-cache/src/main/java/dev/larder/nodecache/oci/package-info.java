/**
 * The distribution and image specifications' words as validated values. Strings stop at {@code parse}; start with
 * {@code Reference}.
 */
@NullMarked
package dev.larder.nodecache.oci;

import org.jspecify.annotations.NullMarked;
