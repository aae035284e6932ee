package dev.larder.nodecache.containerd;

import java.util.List;
import java.util.Optional;

/**
 * What the hosts.toml of one registry should say.
 *
 * @param registry as it stands in image names: host, or host:port
 * @param cacheUrl where the node cache listens for containerd
 * @param cacheTrust what containerd is to trust there, when the cache listens with TLS
 * @param upstreams never empty, in the order to try; the last becomes {@code server}
 */
public record HostsEntry(
        String registry, String cacheUrl, Optional<CaBundle> cacheTrust, List<HostsUpstream> upstreams) {

    /** Of a cache that listens without TLS. */
    public HostsEntry(String registry, String cacheUrl, List<HostsUpstream> upstreams) {
        this(registry, cacheUrl, Optional.empty(), upstreams);
    }

    public HostsEntry {
        upstreams = List.copyOf(upstreams);
        if (upstreams.isEmpty()) {
            throw new IllegalArgumentException("registry " + registry + " has no upstream");
        }
    }
}
