package dev.larder.nodecache.config;

import dev.larder.nodecache.oci.ImageName;
import java.nio.file.Path;
import java.util.List;

/**
 * The store's place and bounds; whichever of size and minFree bites first counts.
 *
 * @param path absolute
 * @param pins images that stay
 */
public record StorageConfig(Path path, DataSize size, MinFree minFree, List<ImageName> pins) {

    public static final StorageConfig DEFAULT =
            new StorageConfig(Path.of("/var/lib/larder"), DataSize.parse("20Gi"), new MinFree.Percent(15), List.of());

    public StorageConfig {
        pins = List.copyOf(pins);
    }
}
