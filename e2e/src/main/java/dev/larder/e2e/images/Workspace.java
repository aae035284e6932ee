package dev.larder.e2e.images;

import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.SourceTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where things are: the source tree, and the cache outside it in which downloads, linked runtimes and image roots are kept
 * between builds. Removing the cache is always safe.
 */
record Workspace(Path project, CacheFolder cache) {
    static Workspace find() {
        return new Workspace(SourceTree.find(), CacheFolder.ofEnvironment());
    }

    /** Fills a folder of the cache. */
    interface Filler {
        void fill(Path folder) throws IOException;
    }

    /** The folder {@code kind/key} of the cache, filled first when it is not there. */
    Path cached(String kind, String key, Filler filler) {
        return cache.entry(kind + "/" + key, folder -> {
            try {
                filler.fill(folder);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot fill " + folder, e);
            }
        });
    }

    /** Keeps the newest few of a kind, since every change of a class makes another. */
    void prune(String kind, int keep) throws IOException {
        Path folder = cache.root().resolve(kind);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> oldFirst = entries.filter(Files::isDirectory)
                    .sorted(Comparator.comparing(entry -> entry.toFile().lastModified()))
                    .toList();
            oldFirst.subList(0, Math.max(0, oldFirst.size() - keep)).forEach(CacheFolder::delete);
        }
    }
}
