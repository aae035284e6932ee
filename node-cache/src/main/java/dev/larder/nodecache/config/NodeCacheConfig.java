package dev.larder.nodecache.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Everything the config file says, with defaults filled in; see node-cache/README.md for the meaning of each key.
 *
 * @param revision any text; reported back so that the file's writer knows what has been loaded
 * @param resource name of the RegistryCache this file was made from; used in marker lines and logs
 * @param registries never empty, each host once
 * @param mirror the folder with the files of the tag table; null for none
 */
public record NodeCacheConfig(
        String revision,
        String resource,
        ListenConfig listen,
        StorageConfig storage,
        LimitsConfig limits,
        TimeoutsConfig timeouts,
        List<RegistryConfig> registries,
        ContainerdConfig containerd,
        @Nullable Path mirror) {

    /** The only format version there is. */
    public static final int VERSION = 1;

    public NodeCacheConfig {
        registries = List.copyOf(registries);
    }

    /** Whether a running process can go over to {@code other} without being started again. */
    public boolean appliesLive(NodeCacheConfig other) {
        return listen.equals(other.listen)
                && storage.path().equals(other.storage.path())
                && timeouts.client().equals(other.timeouts.client())
                && Objects.equals(mirror, other.mirror);
    }
}
