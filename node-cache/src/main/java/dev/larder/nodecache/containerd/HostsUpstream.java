package dev.larder.nodecache.containerd;

import java.net.URI;
import java.util.Optional;

/**
 * Where containerd goes when the cache does not answer.
 *
 * @param url scheme, host and perhaps a port
 * @param pathPrefix stands before every repository at this upstream; empty for none
 * @param skipVerify takes any certificate
 * @param ca trust beside the node's own
 */
public record HostsUpstream(URI url, String pathPrefix, boolean skipVerify, Optional<CaBundle> ca) {

    boolean https() {
        return "https".equals(url.getScheme());
    }

    /** As hosts.toml names it: with a prefix the whole API root, which then needs {@code override_path}. */
    String hostsUrl() {
        return pathPrefix.isEmpty() ? url.toString() : url + "/v2/" + pathPrefix;
    }
}
