package dev.larder.e2e.images;

import dev.larder.e2e.process.Ports;
import dev.larder.e2e.toolchain.CacheFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The packed node cache, running on this machine in the image's own root with an empty store: what users run, without a
 * cluster around it. Closing it ends it and removes what it stored.
 */
public final class PackedNodeCache implements AutoCloseable {
    private final Path folder;
    private final JailedProgram program;
    private final URI registry;
    private final Duration start;

    private PackedNodeCache(Path folder, JailedProgram program, URI registry, Duration start) {
        this.folder = folder;
        this.program = program;
        this.registry = registry;
        this.start = start;
    }

    /**
     * Returns when it says that it is ready.
     *
     * @param registries the {@code registries} list of its config file, in YAML's flow style
     */
    public static PackedNodeCache start(BuiltImage image, String registries) {
        return started(image, folder -> start(image, folder, folder.resolve("storage"), registries));
    }

    /** Keeps its content in {@code storage}, a folder in the image's root. */
    static PackedNodeCache start(BuiltImage image, Path storage, String registries) {
        return started(image, folder -> start(image, folder, storage, registries));
    }

    private interface Start {
        PackedNodeCache in(Path folder) throws IOException, InterruptedException;
    }

    private static PackedNodeCache started(BuiltImage image, Start start) {
        try {
            Path temporary = Files.createDirectories(image.root().resolve("tmp"));
            Path folder = Files.createTempDirectory(temporary, "cache");
            try {
                return start.in(folder);
            } catch (IOException | RuntimeException e) {
                CacheFolder.delete(folder);
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageBuildException("Interrupted while starting the packed node cache.", e);
        }
    }

    private static PackedNodeCache start(BuiltImage image, Path folder, Path storage, String registries)
            throws IOException, InterruptedException {
        JavaProgram program = NodeCacheImage.plan(Workspace.find(), Architecture.ofThisMachine())
                .programs()
                .getFirst();
        Path inside = inside(image, folder);
        int registry = Ports.free();
        int admin = Ports.free();
        Files.writeString(folder.resolve("config.yaml"), """
                version: 1
                listen: {registry: "127.0.0.1:%1$d", admin: "127.0.0.1:%2$d", runDirectory: %3$s/run}
                storage: {path: %4$s, size: 20Gi, minFree: 1Mi}
                registries: %5$s
                """.formatted(
                        registry, admin, inside, inside(image, storage), registries));
        long begin = System.nanoTime();
        JailedProgram running = JailedProgram.start(
                Jail.open(image.root()), program.name(), program.command("--config", inside + "/config.yaml"));
        try (HttpClient http = HttpClient.newHttpClient()) {
            running.awaitOk(http, URI.create("http://127.0.0.1:" + admin + "/readyz"));
            Duration took = Duration.ofNanos(System.nanoTime() - begin);
            return new PackedNodeCache(folder, running, URI.create("http://127.0.0.1:" + registry), took);
        } catch (IOException | InterruptedException | RuntimeException e) {
            running.close();
            throw e;
        }
    }

    private static Path inside(BuiltImage image, Path folder) {
        return Path.of("/").resolve(image.root().relativize(folder));
    }

    /** From the start of the process to its first ready answer; the resolution is 20 ms. */
    public Duration startTime() {
        return start;
    }

    /** Where containerd would come. */
    public URI registry() {
        return registry;
    }

    public long pid() {
        return program.pid();
    }

    @Override
    public void close() {
        try {
            program.stop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            remove();
        }
    }

    private void remove() {
        try {
            program.close();
            CacheFolder.delete(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
