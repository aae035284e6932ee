package dev.larder.nodecache.upstream;

import dev.larder.nodecache.source.Deadline;
import io.vertx.core.Vertx;
import io.vertx.core.internal.VertxInternal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;

/** A host's addresses, in the order in which they should be tried. */
interface NameLookup {

    /** @throws dev.larder.nodecache.error.UpstreamFailure when the name is not known, or not in time */
    List<InetAddress> addresses(String host, Deadline deadline) throws InterruptedException;

    /** The same look-up that connections make by themselves. */
    static NameLookup of(Vertx vertx) {
        return (host, deadline) ->
                Futures.await(((VertxInternal) vertx).nameResolver().resolveAll(host), deadline, host).stream()
                        .map(InetSocketAddress::getAddress)
                        .toList();
    }
}
