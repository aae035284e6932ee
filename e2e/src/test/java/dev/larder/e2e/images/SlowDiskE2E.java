package dev.larder.e2e.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.e2e.Stage;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.upstream.Traffic;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The packed node cache on a real disk that takes a hundredth of what the upstream gives. */
@Tag("alone") // it measures times that another cluster would change
class SlowDiskE2E {
    private static final int LAYER = 60_000_000;
    private static final int RATE = 1_000_000;
    /** By the disk it would be a minute. */
    private static final Duration MOST = Duration.ofSeconds(LAYER / RATE / 2);

    private static final Duration SOON = Duration.ofSeconds(30);

    private final Stage stage = Stage.shared();

    @Test
    void coldPullIsNotHeldToThePaceOfTheDisk_andAsksTheUpstreamOnce() throws Exception {
        BuiltImage image = BuildImages.build(System.out).getFirst();
        stage.upstream().behave();
        String name = stage.newImage(LAYER);
        String repository = name.substring(0, name.lastIndexOf(':'));
        Path parent = Files.createDirectories(image.root().resolve("tmp"));
        String registries =
                "[{host: docker.io, upstreams: [{url: \"" + stage.upstream().url() + "\"}]}]";
        try (SlowDisk disk = SlowDisk.mount(parent, RATE);
                PackedNodeCache cache = PackedNodeCache.start(image, disk.folder(), registries);
                HttpClient client = HttpClient.newHttpClient()) {
            JsonNode layer = largest(
                    client, cache.registry(), repository, stage.upstream().digest(name));
            stage.upstream().takeTraffic();

            URI blob = uri(
                    cache.registry(),
                    repository + "/blobs/" + layer.get("digest").asText());
            long began = System.nanoTime();
            assertThat(digest(client, blob)).isEqualTo(layer.get("digest").asText());
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(MOST);
            // Both are written down a moment after the client has its last byte.
            Await.until(
                    "the upstream's word of it",
                    SOON,
                    () -> stage.upstream().traffic().of(name).blobs().bytes()
                            >= layer.get("size").asLong());
            Traffic traffic = stage.upstream().takeTraffic().of(name).blobs();
            assertThat(traffic.bytes())
                    .isBetween(layer.get("size").asLong(), layer.get("size").asLong() * 11 / 10);
            Await.until("the end of what could not be kept", SOON, () -> partials(disk.folder())
                    .isEmpty());
        }
    }

    private static URI uri(URI cache, String path) {
        return cache.resolve("/v2/" + path + "?ns=docker.io");
    }

    private static HttpResponse<InputStream> get(HttpClient client, URI uri) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(uri).timeout(MOST).build();
        return client.send(request, HttpResponse.BodyHandlers.ofInputStream());
    }

    private static JsonNode largest(HttpClient client, URI cache, String repository, String manifest)
            throws IOException, InterruptedException {
        try (InputStream body =
                get(client, uri(cache, repository + "/manifests/" + manifest)).body()) {
            JsonNode layers = new ObjectMapper().readTree(body).get("layers");
            return layers.valueStream()
                    .filter(layer -> layer.get("size").asLong() >= LAYER)
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String digest(HttpClient client, URI blob) throws Exception {
        MessageDigest hash = MessageDigest.getInstance("SHA-256");
        try (InputStream body = new DigestInputStream(get(client, blob).body(), hash)) {
            body.transferTo(OutputStream.nullOutputStream());
        }
        return "sha256:" + HexFormat.of().formatHex(hash.digest());
    }

    private static List<String> partials(Path store) {
        try (Stream<Path> files = Files.walk(store)) {
            return files.filter(Files::isRegularFile)
                    .map(Path::toString)
                    .filter(path -> path.contains("/partial/"))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of(e.toString()); // one went while they were listed
        }
    }
}
