package dev.larder.nodecache.containerd;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What containerd's own configuration says about mirrors. Facts only: what they mean depends on containerd's version,
 * which a hosts writer cannot see.
 *
 * @param configPath the value that counts on containerd 2, drop-ins included; empty when none is set
 * @param configPathOn1 the value that counts on containerd 1, where a drop-in's section of a plugin replaces the whole
 *     section before it
 * @param source the file of the node that sets configPath; else the main file; empty when there is no file
 * @param version the main file's {@code version} key; 0 when there is no file, 1 when it has no such key
 * @param localPullForcedBy the keys that make containerd 2.1 and later pull without its transfer service
 * @param mirrorsSection whether the old {@code registry.mirrors} is used: with config_path containerd then refuses to start
 * @param problem what could not be read; empty when all was
 */
public record ContainerdFacts(
        Optional<String> configPath,
        Optional<String> configPathOn1,
        Optional<Path> source,
        long version,
        List<String> localPullForcedBy,
        boolean mirrorsSection,
        String problem) {

    public ContainerdFacts {
        localPullForcedBy = List.copyOf(localPullForcedBy);
    }

    /** No main file, or none that can be read. */
    static ContainerdFacts unknown(String problem) {
        return new ContainerdFacts(Optional.empty(), Optional.empty(), Optional.empty(), 0, List.of(), false, problem);
    }
}
