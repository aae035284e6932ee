package dev.larder.nodecache;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The files of a store that is in use. */
final class StoreFiles {

    private StoreFiles() {}

    /** But for those by which the store finds out whether it can write. */
    static List<Path> below(Path root) throws IOException {
        while (true) {
            try (Stream<Path> all = Files.walk(root)) {
                return all.filter(Files::isRegularFile)
                        .filter(file -> !file.getFileName().toString().startsWith("probe"))
                        .toList();
            } catch (UncheckedIOException e) {
                // One went while it was looked at: once more.
            }
        }
    }
}
