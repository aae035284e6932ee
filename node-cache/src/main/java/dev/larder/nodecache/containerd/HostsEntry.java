package dev.larder.nodecache.containerd;

import java.util.List;

/**
 * What the hosts.toml of one registry should say.
 *
 * @param registry as it stands in image names: host, or host:port
 * @param cacheUrl where the node cache listens for containerd
 * @param upstreams never empty, in the order to try; the last becomes {@code server}
 */
public record HostsEntry(String registry, String cacheUrl, List<HostsUpstream> upstreams) {

    public HostsEntry {
        upstreams = List.copyOf(upstreams);
        if (upstreams.isEmpty()) {
            throw new IllegalArgumentException("registry " + registry + " has no upstream");
        }
    }
}
