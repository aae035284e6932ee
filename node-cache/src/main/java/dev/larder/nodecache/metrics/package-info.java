/** Every meter of the node cache, named once, in {@code CacheMetrics}. Depends on nothing of ours. */
@NullMarked
package dev.larder.nodecache.metrics;

import org.jspecify.annotations.NullMarked;
