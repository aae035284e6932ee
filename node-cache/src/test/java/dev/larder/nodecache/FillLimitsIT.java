package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.BlobAnswer;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.oci.Digest;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many fills at once: how many run, who waits, and what becomes of those whose clients leave. */
class FillLimitsIT {

    private static final int SIZE = 500_000;
    private static final String TWO =
            "limits: {fills: 2}\ntimeouts: {connect: 1s, firstByteWarm: 1s, firstByteCold: 8s, idle: 15s}";

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private TestCache cache;

    @BeforeEach
    void start() {
        cache = new TestCache(folder, TestCache.yaml(folder, TWO, "", upstream));
    }

    @AfterEach
    void stop() {
        // First, so that stalled fills end.
        upstream.close();
        cache.close();
    }

    private Digest push(int seed) {
        byte[] bytes = new byte[SIZE];
        new Random(seed).nextBytes(bytes);
        return upstream.pushBlob("library/app", bytes);
    }

    private static String path(Digest digest) {
        return "/v2/library/app/blobs/" + digest;
    }

    private long gauge(String name) throws Exception {
        return cache.admin("/metrics")
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void moreThanMayRun_waitAndAreServed() throws Exception {
        upstream.misbehave().answerBlobs(BlobAnswer.right().pausing(5));
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<byte[]>>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String path = path(push(i));
                answers.add(clients.submit(() -> cache.get(path)));
            }
            for (Future<HttpResponse<byte[]>> answer : answers) {
                assertThat(answer.get().statusCode()).isEqualTo(200);
                assertThat(answer.get().body()).hasSize(SIZE);
            }
        }
        assertThat(upstream.mostBlobsAtOnce()).isEqualTo(2);
        await().untilAsserted(() -> assertThat(cache.stored("blobs")).hasSize(8));
    }

    @Test
    void placesTakenByStalls_endInAnErrorInTime_notInAHang() throws Exception {
        upstream.misbehave().answerBlobs(BlobAnswer.stallAfter(100_000));
        List<InputStream> bodies = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            bodies.add(cache.open(path(push(i))).body());
        }
        cache.reload(TestCache.yaml(folder, TWO.replace("firstByteCold: 8s", "firstByteCold: 300ms"), "", upstream));
        String wanted = path(push(3));
        await().untilAsserted(() -> {
            HttpResponse<byte[]> third = cache.get(wanted);
            assertThat(third.statusCode()).isEqualTo(503);
            assertThat(new String(third.body(), StandardCharsets.UTF_8)).contains("limits.fills = 2");
        });
        assertThat(upstream.count("GET", wanted)).isZero();
        for (InputStream body : bodies) {
            body.close();
        }
    }

    @Test
    void theFirstClientLeavingTheLine_leavesTheOthersTheirBlob() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        upstream.misbehave().answerBlobs(BlobAnswer.right().heldBy(gate));
        List<String> running = List.of(path(push(1)), path(push(2)));
        String wanted = path(push(3));
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<byte[]>>> answers = running.stream()
                    .map(path -> clients.submit(() -> cache.get(path)))
                    .toList();
            await().until(() -> gauge("larder_fills_active") == 2);
            Future<?> first = clients.submit(() -> cache.get(wanted));
            await().until(() -> gauge("larder_fills_waiting") == 1);
            Future<HttpResponse<byte[]>> second = clients.submit(() -> cache.get(wanted));
            await().until(() -> gauge("larder_requests_active") == 4);
            first.cancel(true);
            await().until(() -> gauge("larder_requests_active") == 3);
            gate.countDown();
            assertThat(second.get().body()).hasSize(SIZE);
            for (Future<HttpResponse<byte[]>> answer : answers) {
                assertThat(answer.get().body()).hasSize(SIZE);
            }
        }
        assertThat(upstream.count("GET", wanted)).isEqualTo(1);
    }
}
