/**
 * Upstream registries over HTTP: {@code UpstreamSource} is the {@code ContentSource}, {@code UpstreamClient} speaks HTTP
 * through Vert.x and follows redirects, {@code TokenProvider} logs in. No Vert.x type leaves this package but by
 * construction.
 */
@NullMarked
package dev.larder.nodecache.upstream;

import org.jspecify.annotations.NullMarked;
