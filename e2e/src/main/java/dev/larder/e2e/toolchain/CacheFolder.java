package dev.larder.e2e.toolchain;

import dev.larder.e2e.process.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The folder outside the source tree that keeps what is slow to make. An entry appears whole or not at all: it is made
 * in a folder beside it and renamed, under a lock that holds between threads and between processes.
 */
public record CacheFolder(Path root) {
    /** {@code LARDER_CACHE}, else {@code XDG_CACHE_HOME/larder}, else {@code ~/.cache/larder}. */
    public static CacheFolder ofEnvironment() {
        Map<String, String> environment = System.getenv();
        Path root = set(environment, "LARDER_CACHE")
                .or(() -> set(environment, "XDG_CACHE_HOME").map(base -> base.resolve("larder")))
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache", "larder"));
        return new CacheFolder(root.toAbsolutePath());
    }

    private static Optional<Path> set(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name))
                .filter(value -> !value.isBlank())
                .map(Path::of);
    }

    /** The entry's folder; {@code maker} fills an empty folder with it when it is not there yet. */
    public Path entry(String name, Consumer<Path> maker) {
        Path entry = root.resolve(name);
        if (Files.isDirectory(entry)) {
            return entry;
        }
        return Exclusive.holding(
                entry.resolveSibling(entry.getFileName() + ".lock"),
                () -> Files.isDirectory(entry) ? entry : make(entry, maker));
    }

    private static Path make(Path entry, Consumer<Path> maker) throws IOException {
        Path unfinished = entry.resolveSibling(entry.getFileName() + ".unfinished");
        delete(unfinished);
        Files.createDirectories(unfinished);
        maker.accept(unfinished);
        return Files.move(unfinished, entry, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes a folder and all in it; nothing happens when it is not there. Never leaves the folder's file system. */
    public static void delete(Path folder) {
        Command.of("rm", "-rf", "--one-file-system", "--", folder.toString()).run();
    }
}
