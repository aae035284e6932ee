package dev.larder.nodecache.containerd;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the config file asks of the hosts writer.
 *
 * @param manage false: take everything back and leave the node alone
 * @param revision of the config file, to be reported back
 * @param configPath the root of the hosts.toml folders; empty to go by containerd's own configuration
 * @param entries one for each registry
 * @param message what is wrong with the settings though they can be used; empty when nothing is
 */
public record Wanted(
        boolean manage, String revision, Optional<Path> configPath, List<HostsEntry> entries, String message) {

    public Wanted {
        entries = List.copyOf(entries);
    }
}
