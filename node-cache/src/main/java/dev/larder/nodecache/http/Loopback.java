package dev.larder.nodecache.http;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/** The addresses that only the node itself can come from. */
final class Loopback {

    private Loopback() {}

    /** @param address as numbers; null for a client that has none, such as one of a socket file */
    static boolean has(@Nullable String address) {
        try {
            return address != null && InetAddress.ofLiteral(address).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
