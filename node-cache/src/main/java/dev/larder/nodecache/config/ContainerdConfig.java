package dev.larder.nodecache.config;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What the hosts writer may do on the node.
 *
 * @param manage false: restore everything and write nothing
 * @param configPath the root of the hosts.toml folders, or empty to find it in containerd's own configuration
 * @param hostRoot where the node's file system is seen from here; the root when run on the node itself
 */
public record ContainerdConfig(boolean manage, Optional<Path> configPath, Path hostRoot) {

    public static final ContainerdConfig DEFAULT = new ContainerdConfig(true, Optional.empty(), Path.of("/host"));
}
