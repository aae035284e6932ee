package dev.larder.nodecache.config;

import java.nio.file.Path;

/**
 * The store's place and bounds; whichever of size and minFree bites first counts.
 *
 * @param path absolute
 */
public record StorageConfig(Path path, DataSize size, MinFree minFree) {

    public static final StorageConfig DEFAULT =
            new StorageConfig(Path.of("/var/lib/larder"), DataSize.parse("20Gi"), new MinFree.Percent(15));
}
