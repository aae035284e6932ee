package dev.larder.e2e.toolchain;

import dev.larder.e2e.process.CommandFailure;
import java.nio.file.Files;
import java.nio.file.Path;

/** Larder's source tree at or above the working directory. */
public final class SourceTree {
    private SourceTree() {}

    public static Path find() {
        Path here = Path.of("").toAbsolutePath();
        for (Path folder = here; folder != null; folder = folder.getParent()) {
            if (Files.exists(folder.resolve("helm/larder/Chart.yaml"))) {
                return folder;
            }
        }
        throw new CommandFailure(
                "no helm/larder/Chart.yaml at or above " + here + ": run this in Larder's source tree");
    }
}
