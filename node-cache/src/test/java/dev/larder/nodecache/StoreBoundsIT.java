package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The store's bounds while far more is pulled at once than it may hold, seen on the disk from outside. */
class StoreBoundsIT {

    private static final int BLOBS = 36;
    private static final int BLOB = 3_000_000;
    private static final long SIZE = 64L << 20;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final List<byte[]> contents = new ArrayList<>();
    private final List<Digest> digests = new ArrayList<>();
    private TestCache cache;

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
    }

    @BeforeEach
    void start() {
        for (int n = 0; n < BLOBS; n++) {
            byte[] bytes = new byte[BLOB - n * 1000];
            new Random(n).nextBytes(bytes);
            contents.add(bytes);
            digests.add(upstream.pushBlob("library/app", bytes));
        }
        upstream.misbehave().pauseMillis = 1;
        String yaml = TestCache.yaml(folder, "limits: {fills: 48, fillsPerUpstream: 48}", "", upstream)
                .replace("size: 1Gi", "size: 64Mi");
        cache = new TestCache(folder, yaml);
    }

    /** Bytes of all blocks below the store's folder, folders included; a file that is renamed meanwhile counts once. */
    private long onDisk() throws Exception {
        Process find = new ProcessBuilder("find", folder.resolve("store").toString(), "-printf", "%i %b\\n")
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String lines = new String(find.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return 512
                * lines.lines()
                        .distinct()
                        .mapToLong(line -> Long.parseLong(line.substring(line.indexOf(' ') + 1)))
                        .sum();
    }

    /** While one looks, some go and others come, and both are seen; so what counts is what two looks agree on. */
    private long surelyOnDisk() throws Exception {
        return Math.min(onDisk(), onDisk());
    }

    /** One that is cut off goes on elsewhere, as containerd does; here it tries again. */
    private void pull(int which) throws Exception {
        for (int i = 0; ; i++) {
            try {
                HttpResponse<byte[]> answer = cache.get("/v2/library/app/blobs/" + digests.get(which));
                // Uncached, a blob whose size nobody knows cannot be passed on.
                assertThat(answer.statusCode()).isIn(200, upstream.misbehave().chunked ? 502 : 200);
                if (answer.statusCode() == 200) {
                    assertThat(Arrays.equals(answer.body(), contents.get(which)))
                            .isTrue();
                }
                return;
            } catch (IOException e) {
                assertThat(i).as("cut off again and again").isLessThan(3);
            }
        }
    }

    /** Pulls everything twice, all at once, and returns the most that was on the disk meanwhile. */
    private long mostWhilePulling() throws Exception {
        long most = 0;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> pulls = new ArrayList<>();
            for (int n = 0; n < 2 * BLOBS; n++) {
                int which = n % BLOBS;
                pulls.add(clients.submit(() -> {
                    pull(which);
                    return null;
                }));
            }
            while (!pulls.stream().allMatch(Future::isDone)) {
                most = Math.max(most, surelyOnDisk());
            }
            for (Future<?> pull : pulls) {
                pull.get();
            }
        }
        await().until(() -> cache.cache().storage().blobs().use().unwritten() == 0);
        return most;
    }

    @Test
    void sizeIsKept_alsoBySoManyFillsAtOnce() throws Exception {
        assertThat(mostWhilePulling()).isLessThan(SIZE * 102 / 100);
        settled();
        // Not by giving up caching: most of the room is in use.
        assertThat(cache.cache().storage().blobs().usedBytes()).isBetween(SIZE * 8 / 10, SIZE);
    }

    @Test
    void sizeIsKept_whenNobodySaysHowMuchComes() throws Exception {
        upstream.misbehave().chunked = true;
        assertThat(mostWhilePulling()).isLessThan(SIZE * 102 / 100);
        settled();
    }

    /** What is on the disk is what is live, and the store knows how much that is. */
    private void settled() throws Exception {
        await().untilAsserted(() -> assertThat(cache.stored("partial")).isEmpty());
        long live = cache.cache().storage().blobs().list().stream()
                .mapToLong(blob -> blob.size())
                .sum();
        assertThat(onDisk()).isLessThan(live * 110 / 100);
        assertThat(cache.cache().storage().blobs().usedBytes()).isBetween(live, live + BLOBS * 4096L);
    }
}
