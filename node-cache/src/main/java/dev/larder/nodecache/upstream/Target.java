package dev.larder.nodecache.upstream;

import java.net.InetAddress;
import java.net.URI;
import java.util.List;

/**
 * Where a request goes.
 *
 * @param pinned addresses that have been looked at and are the only ones to connect to, in their order; empty where
 *     whoever connects, the proxy included, looks the name up
 */
record Target(URI uri, List<InetAddress> pinned) {

    Target {
        pinned = List.copyOf(pinned);
    }

    static Target unpinned(URI uri) {
        return new Target(uri, List.of());
    }
}
