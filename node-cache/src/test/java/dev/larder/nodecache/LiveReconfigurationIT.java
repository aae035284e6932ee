package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Streams go on through changes of the settings, and through a stop for as long as timeouts.shutdown says. */
@Timeout(60)
class LiveReconfigurationIT {

    private static final int LAYER = 4_000_000;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final FakeRegistry other = new FakeRegistry();
    private final Image image = upstream.push("library/app", "v1", LAYER, 1);
    private final Image stored = upstream.push("library/app", "v2", LAYER, 2);
    private TestCache cache;

    @BeforeEach
    void start() throws Exception {
        cache = new TestCache(folder, TestCache.yaml(folder, "timeouts: {shutdown: 30s}", "", upstream));
        assertThat(cache.get(path(stored)).statusCode()).isEqualTo(200);
        upstream.misbehave().pauseMillis = 10;
    }

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
        other.close();
    }

    private static String path(Image image) {
        return "/v2/library/app/blobs/" + image.layer();
    }

    /** A stream that has begun, with a good part still to come. */
    private final class Begun {
        final byte[] content;
        final InputStream body;
        final byte[] head;

        Begun(Image image) throws Exception {
            HttpResponse<InputStream> answer = cache.open(path(image));
            assertThat(answer.statusCode()).isEqualTo(200);
            content = image.layerBytes();
            body = answer.body();
            head = body.readNBytes(1000);
        }

        void endsWell() throws IOException {
            byte[] rest = body.readAllBytes();
            assertThat(head).isEqualTo(Arrays.copyOf(content, head.length));
            assertThat(rest).isEqualTo(Arrays.copyOfRange(content, head.length, content.length));
        }
    }

    private List<Begun> streams() throws Exception {
        List<Begun> streams = new ArrayList<>();
        streams.add(new Begun(image));
        streams.add(new Begun(image));
        streams.add(new Begun(stored));
        return streams;
    }

    @Test
    void streamsOutliveTheirRegistry_andEveryLimit() throws Exception {
        List<Begun> streams = streams();
        cache.reload(TestCache.yaml(
                        folder,
                        "limits: {requests: 1, fills: 1, fillsPerUpstream: 1}\n"
                                + "timeouts: {connect: 50ms, firstByteWarm: 50ms, firstByteCold: 50ms, idle: 50ms}",
                        "",
                        other)
                .replace(TestCache.HOST, "other.test")
                .replace("size: 1Gi", "size: 1Mi"));
        for (Begun stream : streams) {
            stream.endsWell();
        }
        await().untilAsserted(() -> assertThat(cache.admin("/metrics")).contains("larder_requests_active 0.0"));
        HttpResponse<byte[]> gone = cache.get(path(image));
        assertThat(gone.statusCode()).isEqualTo(404);
        assertThat(new String(gone.body(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("it serves other.test");
        assertThat(upstream.count("GET", image.layer().toString())).isEqualTo(1);
    }

    @Test
    void newUpstream_isAskedFromTheNextRequestOn() throws Exception {
        Begun stream = new Begun(image);
        Image elsewhere = other.push("library/app", "v3", 1000, 3);
        cache.reload(TestCache.yaml(folder, "", "", other));
        upstream.forgetRequests();
        assertThat(cache.get("/v2/library/app/manifests/v3").body()).isEqualTo(elsewhere.manifestBytes());
        assertThat(upstream.requests()).isEmpty();
        stream.endsWell();
    }

    @Test
    void stop_letsStreamsEnd_andTakesNoNewConnection() throws Exception {
        List<Begun> streams = streams();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> stopped = threads.submit(() -> cache.close());
            assertThatThrownBy(() -> {
                        while (true) {
                            cache.get("/v2/", "Connection-Number", "next");
                        }
                    })
                    .isInstanceOf(IOException.class);
            for (Begun stream : streams) {
                stream.endsWell();
            }
            stopped.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void stop_takesNoLongerThanAllowed() throws Exception {
        cache.reload(TestCache.yaml(folder, "timeouts: {shutdown: 500ms}", "", upstream));
        upstream.misbehave().pauseMillis = 1000;
        Begun stream = new Begun(image);
        long began = System.nanoTime();
        cache.close();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
        assertThatThrownBy(stream::endsWell).isInstanceOf(IOException.class);
    }
}
