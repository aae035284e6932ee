package dev.larder.e2e.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where things are: the source tree, and the cache outside it in which downloads, linked runtimes and image roots are kept
 * between builds. Removing the cache is always safe.
 */
record Workspace(Path project, Path cache) {
    /** The source tree around the working directory and {@code $LARDER_CACHE}, else {@code $XDG_CACHE_HOME/larder}. */
    static Workspace find() {
        Path here = Path.of("").toAbsolutePath();
        for (Path folder = here; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("node-cache/pom.xml"))) {
                return new Workspace(folder, cacheFolder());
            }
        }
        throw new ImageBuildException("No Larder source tree at or above " + here + ": run this from the source tree.");
    }

    private static Path cacheFolder() {
        String own = System.getenv("LARDER_CACHE");
        if (own != null && !own.isBlank()) {
            return Path.of(own).toAbsolutePath();
        }
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path caches = xdg != null && !xdg.isBlank() ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
        return caches.resolve("larder").toAbsolutePath();
    }

    /** Fills a folder of the cache. */
    interface Filler {
        void fill(Path folder) throws IOException;
    }

    /**
     * The folder {@code kind/key} of the cache, filled first when it is not there. It appears whole or not at all, so a build
     * that was ended half-way, or another one at the same time, leaves nothing broken behind.
     */
    Path cached(String kind, String key, Filler filler) {
        Path ready = cache.resolve(kind).resolve(key);
        if (Files.isDirectory(ready)) {
            return ready;
        }
        try {
            Files.createDirectories(ready.getParent());
            Path building = Files.createTempDirectory(ready.getParent(), ".building-");
            try {
                Path folder = Files.createDirectory(building.resolve("it"));
                filler.fill(folder);
                if (!Files.isDirectory(ready)) {
                    Files.move(folder, ready, StandardCopyOption.ATOMIC_MOVE);
                }
            } finally {
                delete(building);
            }
            return ready;
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot fill " + ready, e);
        }
    }

    /** Keeps the newest few of a kind, since every change of a class makes another. */
    void prune(String kind, int keep) throws IOException {
        Path folder = cache.resolve(kind);
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<Path> oldFirst = entries.filter(
                            entry -> !entry.getFileName().toString().startsWith("."))
                    .sorted(Comparator.comparing(entry -> entry.toFile().lastModified()))
                    .toList();
            for (Path entry : oldFirst.subList(0, Math.max(0, oldFirst.size() - keep))) {
                delete(entry);
            }
        }
    }

    static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> entries = Files.walk(folder)) {
            for (Path entry : entries.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(entry);
            }
        }
    }
}
