/**
 * Where content comes from when it is not on this disk: the seam {@code ContentSource}, and {@code SourceChain} that tries
 * several in order. Knows no HTTP; the implementations live in their own packages and depend on this one.
 */
@NullMarked
package dev.larder.nodecache.source;

import org.jspecify.annotations.NullMarked;
