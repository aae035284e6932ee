package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.store.DiskWatch;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pulls on a real disk that hangs, gives errors, or loses what it had: none takes longer or gets less for it. */
class BadDiskIT {

    private static final int LAYER = 24_000_000;
    /** What a pull may wait at most: {@code timeouts.firstByteCold}. */
    private static final Duration BUDGET = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image image = upstream.push("library/app", "v1", LAYER, 1);

    @SuppressWarnings("NullAway.Init") // each test starts it
    private TestDisk disk;

    @SuppressWarnings("NullAway.Init")
    private TestCache cache;

    @BeforeEach
    void start() throws Exception {
        disk = TestDisk.mount(folder.resolve("disk"), folder.resolve("store"), 64);
        cache = TestCache.of(folder, upstream);
    }

    @AfterEach
    void end() {
        try {
            cache.close();
        } finally {
            upstream.close();
            disk.close();
        }
    }

    private String layer() {
        return "/v2/library/app/blobs/" + image.layer();
    }

    private Path file() {
        String hex = image.layer().hex();
        return folder.resolve("store/v1/blobs/sha256")
                .resolve(hex.substring(0, 2))
                .resolve(hex);
    }

    private void isWhole(HttpResponse<byte[]> answer, String outcome) {
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Arrays.equals(answer.body(), image.layerBytes())).isTrue();
        assertThat(answer.headers().firstValue("Larder-Outcome")).hasValue(outcome);
    }

    private void pullAndKeep() throws Exception {
        isWhole(cache.get(layer()), "upstream");
        await().untilAsserted(() -> assertThat(file()).exists());
        await().untilAsserted(() -> assertThat(cache.stored("partial")).isEmpty());
        upstream.forgetRequests();
    }

    private long fetches() {
        return upstream.count("GET", "");
    }

    @Test
    void blobThatCannotBeReadOn_isDroppedByTheHitThatFinds_andTheRetryIsFetchedOnce() throws Exception {
        pullAndKeep();
        disk.losesTheEndOf(file());
        assertThatThrownBy(() -> cache.get(layer())).isInstanceOf(IOException.class);
        assertThat(upstream.requests()).isEmpty();
        isWhole(cache.get(layer()), "upstream");
        assertThat(fetches()).isEqualTo(1);
    }

    @Test
    void blobThatIsCutOffWhileItIsServed_isDroppedToo() throws Exception {
        pullAndKeep();
        HttpResponse<InputStream> open = cache.open(layer());
        assertThat(open.body().readNBytes(100_000)).hasSize(100_000);
        try (RandomAccessFile stored = new RandomAccessFile(file().toFile(), "rw")) {
            stored.setLength(200_000);
        }
        assertThatThrownBy(() -> open.body().readAllBytes()).isInstanceOf(IOException.class);
        isWhole(cache.get(layer()), "upstream");
        assertThat(fetches()).isEqualTo(1);
    }

    @Test
    void clientThatLeaves_isNotTakenForABadDisk() throws Exception {
        pullAndKeep();
        for (int i = 0; i < 3; i++) {
            try (InputStream body = cache.open(layer()).body()) {
                assertThat(body.readNBytes(1000)).hasSize(1000);
            }
        }
        isWhole(cache.get(layer()), "hit");
        assertThat(upstream.requests()).isEmpty();
    }

    /** The device fails when the data is flushed, long after the writes have gone well. */
    @Test
    void deviceThatTakesNoMore_stopsNoPull_andKeepsNothingWrong() throws Exception {
        disk.takesNoMore();
        for (int i = 0; i < 3; i++) {
            HttpResponse<byte[]> answer = cache.get(layer());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(Arrays.equals(answer.body(), image.layerBytes())).isTrue();
        }
    }

    @Test
    void diskThatHangsInTheMiddleOfFills_stopsNoPull() throws Exception {
        upstream.misbehave().pauseMillis = 5;
        HttpResponse<InputStream> first = cache.open(layer());
        HttpResponse<InputStream> joined = cache.open(layer());
        byte[] begun = first.body().readNBytes(LAYER / 4);
        assertThat(joined.body().readNBytes(1000)).hasSize(1000);
        disk.hang();
        upstream.misbehave().pauseMillis = 0;
        long before = System.nanoTime();
        byte[] rest = first.body().readAllBytes();
        byte[] others = joined.body().readAllBytes();
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(BUDGET);
        assertThat(Arrays.equals(rest, Arrays.copyOfRange(image.layerBytes(), begun.length, LAYER)))
                .isTrue();
        assertThat(others).hasSize(LAYER - 1000);
        disk.answerAgain();
        isWellAgain();
    }

    @Test
    void diskThatHangs_holdsUpNobody_andIsUsedAgainWhenItAnswers() throws Exception {
        Image other = upstream.push("library/app", "v2", 1_000_000, 2);
        isRight(cache.get("/v2/library/app/manifests/v2"), other.manifestBytes());
        isRight(cache.get("/v2/library/app/blobs/" + other.layer()), other.layerBytes());
        await().untilAsserted(() -> assertThat(cache.stored("partial")).isEmpty());
        disk.hang();
        // More at once than there are processors, by far: none of them may be waited for by the others.
        pullAll(40);
        assertThat(cache.admin("/status")).contains("\"writable\" : false").contains("the disk does not answer");
        assertThat(cache.admin("/metrics")).contains("larder_storage_writable 0.0");
        assertThat(cache.admin("/readyz")).contains("ready");
        // From here on nobody tries the disk at all.
        long before = System.nanoTime();
        pullAll(4);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(DiskWatch.PATIENCE);
        // What it has it still gives.
        isRight(cache.get("/v2/library/app/blobs/" + other.layer()), other.layerBytes());
        isRight(cache.get("/v2/library/app/manifests/v2"), other.manifestBytes());
        disk.answerAgain();
        isWellAgain();
    }

    private static void isRight(HttpResponse<byte[]> answer, byte[] expected) {
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Arrays.equals(answer.body(), expected)).isTrue();
    }

    /** Pulls images that nobody has yet, all at once, by tag and whole. */
    private void pullAll(int count) throws Exception {
        long before = System.nanoTime();
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> pulls = new ArrayList<>();
            for (int n = 0; n < count; n++) {
                String name = "library/new-" + before + "-" + n;
                Image wanted = upstream.push(name, "v1", 200_000, before + n);
                pulls.add(clients.submit(() -> {
                    String path = "/v2/" + name;
                    isRight(cache.get(path + "/manifests/v1"), wanted.manifestBytes());
                    isRight(cache.get(path + "/blobs/" + wanted.layer()), wanted.layerBytes());
                    return null;
                }));
            }
            for (Future<?> pull : pulls) {
                pull.get();
            }
        }
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(BUDGET);
    }

    private void isWellAgain() {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(cache.admin("/status")).contains("\"writable\" : true"));
        await().atMost(Duration.ofSeconds(20))
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> {
                    isRight(cache.get(layer()), image.layerBytes());
                    assertThat(file()).exists();
                });
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(cache.stored("partial")).isEmpty());
        cache.restart();
        upstream.forgetRequests();
        try {
            isWhole(cache.get(layer()), "hit");
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(fetches()).isZero();
    }
}
