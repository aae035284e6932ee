/** The node cache: a caching registry proxy that runs on every node. Start reading at {@code NodeCacheMain}. */
@NullMarked
package dev.larder.nodecache;

import org.jspecify.annotations.NullMarked;
