package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.RegistryHost;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The registries that are served now. Replaced as a whole, seen by the next request. */
public final class RegistryDirectory {

    private volatile Map<RegistryHost, CachedRegistry> registries = Map.of();

    public void replace(Collection<CachedRegistry> next) {
        registries = next.stream().collect(Collectors.toUnmodifiableMap(CachedRegistry::host, r -> r));
    }

    public Optional<CachedRegistry> find(RegistryHost host) {
        return Optional.ofNullable(registries.get(host));
    }

    List<String> hosts() {
        return registries.keySet().stream().map(RegistryHost::value).sorted().toList();
    }
}
