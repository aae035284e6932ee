package dev.larder.e2e.images;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** How long the packed node cache takes from the start of its process to its first ready answer, in the image's own root. */
public final class NodeCacheStart {
    private static final String INSIDE = "/tmp/start";

    private NodeCacheStart() {}

    /** Starts it so many times with an empty store; the resolution is 20 ms. */
    public static List<Duration> measure(BuiltImage image, int runs) throws IOException {
        JavaProgram program = NodeCacheImage.plan(Workspace.find(), Architecture.ofThisMachine())
                .programs()
                .getFirst();
        Path folder = Files.createDirectories(image.root().resolve(INSIDE.substring(1)));
        List<Duration> times = new ArrayList<>();
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (int run = 0; run < runs; run++) {
                times.add(once(image.root(), folder, program, http));
            }
            return times;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ImageBuildException("Interrupted while measuring the node cache's start.", e);
        } finally {
            Workspace.delete(folder);
        }
    }

    private static Duration once(Path root, Path folder, JavaProgram program, HttpClient http)
            throws IOException, InterruptedException {
        int admin = JailedProgram.freePort();
        Files.writeString(folder.resolve("config.yaml"), """
                version: 1
                listen: {registry: "127.0.0.1:%1$d", admin: "127.0.0.1:%2$d", runDirectory: %3$s/run}
                storage: {path: %3$s/storage, size: 1Gi, minFree: 1Mi}
                registries: [{host: start.test, upstreams: [{url: "https://start.test"}]}]
                """.formatted(JailedProgram.freePort(), admin, INSIDE));
        long start = System.nanoTime();
        try (JailedProgram cache = JailedProgram.start(
                Jail.open(root), program.name(), program.command("--config", INSIDE + "/config.yaml"))) {
            cache.awaitOk(http, URI.create("http://127.0.0.1:" + admin + "/readyz"));
            Duration took = Duration.ofNanos(System.nanoTime() - start);
            cache.stop();
            return took;
        }
    }
}
