package dev.larder.e2e.monitoring;

import dev.larder.e2e.toolchain.SourceTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of deploy/prometheus, as their users get them. */
public final class PrometheusFiles {
    private static final Path FOLDER = SourceTree.find().resolve("deploy/prometheus");

    private PrometheusFiles() {}

    public static Path rules() {
        return FOLDER.resolve("larder-rules.yaml");
    }

    public static Path scrape() {
        return FOLDER.resolve("scrape.yaml");
    }

    static Path rights() {
        return FOLDER.resolve("rbac.yaml");
    }

    public static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
