package dev.larder.e2e.upstream;

import com.google.cloud.tools.jib.api.CacheDirectoryCreationException;
import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.InvalidImageReferenceException;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainerBuilder;
import com.google.cloud.tools.jib.api.RegistryException;
import com.google.cloud.tools.jib.api.RegistryImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.toolchain.CacheFolder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;

/** Images of random content in any sizes, each new to everybody. */
final class GeneratedImage {
    private static final int PIECE = 1 << 20;

    private GeneratedImage() {}

    /** {@code program} is a static binary that waits for a signal. */
    static void push(URI registry, Path program, Path folder, String image, long... layerBytes) {
        String name = (image.contains("/") ? "" : "library/") + image;
        try {
            Files.createDirectories(folder);
            Path work = Files.createTempDirectory(folder, "image");
            JibContainerBuilder builder = Jib.fromScratch()
                    .setFormat(ImageFormat.OCI)
                    .setCreationTime(Instant.EPOCH)
                    .setEntrypoint("/pause")
                    .addFileEntriesLayer(layer("program", program, "/pause", "755"));
            for (int index = 0; index < layerBytes.length; index++) {
                Path content = random(work.resolve("layer" + index), layerBytes[index]);
                builder.addFileEntriesLayer(layer("layer" + index, content, "/data/layer" + index, "644"));
            }
            builder.containerize(Containerizer.to(RegistryImage.named(registry.getAuthority() + "/" + name))
                    .setAllowInsecureRegistries(true)
                    .setBaseImageLayersCache(work.resolve("jib"))
                    .setApplicationLayersCache(work.resolve("jib")));
            CacheFolder.delete(work);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while " + name + " was pushed", e);
        } catch (IOException
                | ExecutionException
                | RegistryException
                | CacheDirectoryCreationException
                | InvalidImageReferenceException e) {
            throw new CommandFailure("image " + name + " could not be pushed: " + e.getMessage(), e);
        }
    }

    private static FileEntriesLayer layer(String name, Path file, String path, String permissions) {
        return FileEntriesLayer.builder()
                .setName(name)
                .addEntry(file, AbsoluteUnixPath.get(path), FilePermissions.fromOctalString(permissions), Instant.EPOCH)
                .build();
    }

    private static Path random(Path file, long bytes) throws IOException {
        SplittableRandom random = new SplittableRandom();
        byte[] piece = new byte[PIECE];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = bytes; left > 0; left -= PIECE) {
                random.nextBytes(piece);
                out.write(piece, 0, (int) Math.min(left, PIECE));
            }
        }
        return file;
    }
}
