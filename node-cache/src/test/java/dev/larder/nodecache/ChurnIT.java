package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.Misbehaviour;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real program under mixed churn: more images than it may keep, clients that ask for ranges, leave in the middle or ask
 * for nothing that exists, and an upstream that fails in one way after another. Nothing wrong is served, memory, open files
 * and threads stay flat, and the heap is given back at the end. {@code -Dlarder.churn.seconds=3600} for longer.
 */
class ChurnIT {
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("larder.churn.seconds", 20));
    private static final int IMAGES = 120;
    private static final int CLIENTS = 12;
    private static final Set<Integer> REFUSALS = Set.of(404, 416, 502, 503);

    /** What a program may take more at the end than in its second quarter, when all its code has run. */
    private static final double MOST_GROWTH_MIB = 32;

    /** It may grow to 64 MiB. */
    private static final double MOST_HEAP_AT_REST = 24 << 20;

    /** Connections come and go with the clients' pools; a leak would be one for each of thousands of requests. */
    private static final int MOST_MORE_FILES = 100;

    @TempDir
    Path folder;

    private final long seed = System.nanoTime();
    private final List<Image> images = new ArrayList<>();
    private final AtomicInteger right = new AtomicInteger();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger broken = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> wrong = new AtomicReference<>();

    private record Sample(double residentMib, int openFiles, int threads) {
        static Sample of(CacheProcess cache) throws IOException {
            return new Sample(cache.residentMib(), cache.openFiles(), cache.threads());
        }
    }

    @Test
    void memoryFilesAndThreadsStayFlat_andNothingWrongIsServed() throws Exception {
        try (FakeRegistry upstream = new FakeRegistry()) {
            for (int n = 0; n < IMAGES; n++) {
                images.add(upstream.push("library/app", "v" + n, 100_000 + 5_000 * n, n));
            }
            try (CacheProcess cache = CacheProcess.start(folder, "16Mi", upstream)) {
                List<Sample> samples = churn(cache, upstream);
                upstream.behave();
                assertThat(wrong).as("with seed %d", seed).hasNullValue();
                assertThat(right).as("right answers").hasValueGreaterThan(IMAGES);
                assertThat(refused.get() + broken.get())
                        .as("faults that were met")
                        .isPositive();
                staysFlat(samples);
                servesEverythingAgain(cache);
                givesTheHeapBack(cache);
            }
        }
    }

    private List<Sample> churn(CacheProcess cache, FakeRegistry upstream) throws Exception {
        Instant end = Instant.now().plus(TIME);
        List<Sample> samples = new ArrayList<>();
        Random faults = new Random(seed);
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int n = 0; n < CLIENTS; n++) {
                long clientSeed = seed + n;
                clients.execute(() -> client(cache, end, new Random(clientSeed)));
            }
            while (Instant.now().isBefore(end)) {
                misbehave(upstream, faults);
                Thread.sleep(200);
                samples.add(Sample.of(cache));
            }
        }
        return samples;
    }

    /** One fault at a time, and as often none. */
    private static void misbehave(FakeRegistry upstream, Random random) {
        upstream.behave();
        upstream.forgetRequests();
        Misbehaviour fault = upstream.misbehave();
        switch (random.nextInt(10)) {
            case 0 -> fault.status = 500;
            case 1 -> fault.status = 429;
            case 2 -> fault.corrupt = true;
            case 3 -> fault.pauseMillis = 5;
            case 4 -> {
                fault.cutAfter = 30_000;
                fault.cuts.set(20);
            }
            case 5 -> fault.chunked = true;
            default -> fault.terseHead = true;
        }
    }

    private void client(CacheProcess cache, Instant end, Random random) {
        while (Instant.now().isBefore(end) && wrong.get() == null) {
            try {
                Image image = images.get(random.nextInt(IMAGES));
                String manifests = "/v2/library/app/manifests/";
                String blob = "/v2/library/app/blobs/" + image.layer();
                switch (random.nextInt(8)) {
                    case 0 -> isRightOrRefused(cache, manifests + "none-" + random.nextInt(1000), "", new byte[0]);
                    case 1 -> leave(cache, blob);
                    case 2 -> {
                        int from = random.nextInt(image.layerBytes().length);
                        byte[] part = Arrays.copyOfRange(image.layerBytes(), from, image.layerBytes().length);
                        isRightOrRefused(cache, blob, "bytes=" + from + "-", part);
                    }
                    default -> {
                        isRightOrRefused(cache, manifests + image.manifest(), "", image.manifestBytes());
                        isRightOrRefused(cache, blob, "", image.layerBytes());
                    }
                }
            } catch (IOException e) {
                // A body that ended before its length, as it must when the upstream failed in the middle of it.
                broken.incrementAndGet();
                if (!cache.alive()) {
                    wrong.set(e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            } catch (RuntimeException | AssertionError e) {
                wrong.set(e);
            }
        }
    }

    private void isRightOrRefused(CacheProcess cache, String path, String range, byte[] expected)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = cache.get(
                path, Optional.of(range).filter(text -> !text.isEmpty()), HttpResponse.BodyHandlers.ofByteArray());
        int status = answer.statusCode();
        if (status == 200 || status == 206) {
            assertThat(status).as(path).isEqualTo(range.isEmpty() ? 200 : 206);
            assertThat(Arrays.equals(answer.body(), expected)).as(path).isTrue();
            right.incrementAndGet();
        } else {
            assertThat(REFUSALS).as(path).contains(status);
            refused.incrementAndGet();
        }
    }

    /** Reads the beginning of an answer and goes. */
    private static void leave(CacheProcess cache, String path) throws IOException, InterruptedException {
        try (InputStream body = cache.get(path, Optional.empty(), HttpResponse.BodyHandlers.ofInputStream())
                .body()) {
            assertThat(body.readNBytes(1000)).hasSizeLessThanOrEqualTo(1000);
        }
    }

    private void staysFlat(List<Sample> samples) {
        int quarter = samples.size() / 4;
        List<Sample> early = samples.subList(quarter, 2 * quarter);
        List<Sample> late = samples.subList(3 * quarter, samples.size());
        System.out.printf(
                Locale.ROOT,
                "churn of %d s: %d right, %d refused, %d broken off; resident %.0f MiB, then %.0f, at most %.0f;"
                        + " open files at most %d, then %d; threads at most %d, then %d%n",
                TIME.toSeconds(),
                right.get(),
                refused.get(),
                broken.get(),
                resident(early),
                resident(late),
                samples.stream().mapToDouble(Sample::residentMib).max().orElseThrow(),
                most(early, true),
                most(late, true),
                most(early, false),
                most(late, false));
        assertThat(resident(late)).as("resident MiB").isLessThan(resident(early) + MOST_GROWTH_MIB);
        assertThat(most(late, true)).as("open files").isLessThanOrEqualTo(most(early, true) + MOST_MORE_FILES);
        assertThat(most(late, false)).as("threads").isLessThanOrEqualTo(most(early, false) + CLIENTS);
    }

    private static double resident(List<Sample> samples) {
        return samples.stream().mapToDouble(Sample::residentMib).average().orElseThrow();
    }

    private static int most(List<Sample> samples, boolean files) {
        return samples.stream()
                .mapToInt(sample -> files ? sample.openFiles() : sample.threads())
                .max()
                .orElseThrow();
    }

    /** Soon after the last request. */
    private static void givesTheHeapBack(CacheProcess cache) throws IOException {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofSeconds(1))
                .untilAsserted(() -> assertThat(cache.metric("jvm_memory_committed_bytes{area=\"heap\"}"))
                        .as("bytes of the heap")
                        .isLessThan(MOST_HEAP_AT_REST));
        System.out.printf(Locale.ROOT, "at rest after it: resident %.0f MiB%n", cache.residentMib());
    }

    /** What was refused for a while because its bytes were wrong, too. */
    private void servesEverythingAgain(CacheProcess cache) {
        for (Image image : images.subList(0, 10)) {
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(200))
                    // One that began while the upstream was at fault may still break off.
                    .ignoreExceptionsInstanceOf(IOException.class)
                    .untilAsserted(() -> {
                        HttpResponse<byte[]> answer = cache.get(
                                "/v2/library/app/blobs/" + image.layer(),
                                Optional.empty(),
                                HttpResponse.BodyHandlers.ofByteArray());
                        assertThat(answer.statusCode()).isEqualTo(200);
                        assertThat(Arrays.equals(answer.body(), image.layerBytes()))
                                .isTrue();
                    });
        }
    }
}
