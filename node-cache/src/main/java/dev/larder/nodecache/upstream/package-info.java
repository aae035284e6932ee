/**
 * Upstream registries over HTTP: {@code UpstreamSource} is the {@code ContentSource}, {@code UpstreamClient} speaks HTTP
 * through Vert.x and follows redirects, {@code UpstreamExchange} makes one request of it all, {@code Negotiation} says who
 * asks in which order, {@code UpstreamLogin} answers challenges, {@code LoginTrials} keeps accounts from being locked, {@code TokenProvider}
 * keeps tokens and {@code TokenServer} asks for them. No Vert.x type leaves this package but by
 * construction.
 */
@NullMarked
package dev.larder.nodecache.upstream;

import org.jspecify.annotations.NullMarked;
