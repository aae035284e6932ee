package dev.larder.e2e.cluster;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Toolchain;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.ExecutionException;

/** The image that holds a pod's namespaces, of our own {@code pause} program. */
final class PauseImage {
    private PauseImage() {}

    static Path archive(CacheFolder cache, Toolchain tools) {
        Path program = tools.pause();
        // Its build's entry in the cache, whose name changes with its source: …/pause-1-hash/bin/pause.
        Path key = program.getName(program.getNameCount() - 3);
        return cache.entry("images/" + key, folder -> write(folder.resolve("pause.tar"), program, folder))
                .resolve("pause.tar");
    }

    private static void write(Path archive, Path program, Path folder) {
        FileEntriesLayer layer = FileEntriesLayer.builder()
                .setName("pause")
                .addEntry(
                        program, AbsoluteUnixPath.get("/pause"), FilePermissions.fromOctalString("755"), Instant.EPOCH)
                .build();
        try {
            Jib.fromScratch()
                    .setFileEntriesLayers(layer)
                    .setEntrypoint("/pause")
                    .setUser("65535:65535")
                    .containerize(Containerizer.to(TarImage.at(archive).named(NodeFiles.PAUSE_IMAGE))
                            .setOfflineMode(true)
                            .setBaseImageLayersCache(folder.resolve("jib"))
                            .setApplicationLayersCache(folder.resolve("jib")));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the pause image was written", e);
        } catch (IOException
                | ExecutionException
                | RegistryException
                | CacheDirectoryCreationException
                | InvalidImageReferenceException e) {
            throw new IllegalStateException("the pause image could not be written: " + e.getMessage(), e);
        }
    }
}
