package dev.larder.nodecache;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** What this node is called in the cluster. */
final class NodeName {

    private NodeName() {}

    /** The environment's NODE_NAME, else the host's name. */
    static String own() {
        String named = System.getenv("NODE_NAME");
        if (named != null && !named.isBlank()) {
            return named;
        }
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "unknown";
        }
    }
}
