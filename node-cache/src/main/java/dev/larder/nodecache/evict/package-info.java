/** Keeps the store within its bounds: {@code EvictionPolicy} chooses, {@code Evictor} does. */
@NullMarked
package dev.larder.nodecache.evict;

import org.jspecify.annotations.NullMarked;
