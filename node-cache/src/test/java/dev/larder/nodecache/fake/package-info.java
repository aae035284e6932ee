/** An upstream registry in this process, for tests: it counts requests and misbehaves on demand. */
@NullMarked
package dev.larder.nodecache.fake;

import org.jspecify.annotations.NullMarked;
