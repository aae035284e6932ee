package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real program, killed at random points while it starts, is filled, served from and evicted from, and started again:
 * nothing wrong is ever served, and what is on the disk is what it says it has. {@code -Dlarder.crash.rounds=1000} for
 * more kills. Says at the end what they have interrupted.
 */
class StoreCrashIT {

    private static final int KILLS = Integer.getInteger("larder.crash.rounds", 50);
    private static final int SAY_EVERY = 50;
    private static final int IMAGES = 16;
    private static final int CLIENTS = 6;
    private static final long BLOCK = 4096;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final List<Image> images = new ArrayList<>();
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final AtomicReference<@Nullable Throwable> wrong = new AtomicReference<>();
    private final AtomicInteger served = new AtomicInteger();
    private final Map<Phase, Integer> interrupted = new EnumMap<>(Phase.class);
    private CacheProcess cache;
    private int kills;

    /** What a kill has interrupted, by what it left on the disk. */
    private enum Phase {
        STARTING,
        SERVING,
        FILLING,
        NAMING_OR_REMOVING,
        WRITING_A_SNAPSHOT
    }

    @BeforeEach
    void configure() throws Exception {
        for (int n = 0; n < IMAGES; n++) {
            images.add(upstream.push("library/app", "v" + n, 100_000 + 20_000 * n, n));
        }
        // Room for about half of the images, so that every pull evicts. A start is most of a round: what of it can be
        // kept
        // from one to the next is, as soon as one has ended in order.
        cache = new CacheProcess(
                folder,
                List.of(
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+AutoCreateSharedArchive",
                        "-XX:SharedArchiveFile=" + folder.resolve("classes.jsa")),
                TestCache.yaml(folder, "", "", upstream).replace("size: 1Gi", "size: 2Mi"));
        cache.serve();
        pull(0);
        assertThat(cache.stop().waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    @AfterEach
    void end() {
        cache.close();
        upstream.close();
    }

    @Test
    void killedAtAnyPoint_servesNothingWrong_andLeaksNothing() throws Exception {
        while (kills < KILLS) {
            cache.launch();
            if (random.nextInt(8) == 0) {
                cache.killAfter(random.nextInt(500));
                count(Phase.STARTING);
                cache.launch();
            }
            cache.awaitReady();
            diskIsWhatItSays("after " + kills + " kills of seed " + seed);
            pullUntilKilled(random.nextInt(400));
            count(phase());
            Throwable found = wrong.get();
            if (found != null) {
                throw new AssertionError("after " + kills + " kills of seed " + seed, found);
            }
        }
        cache.serve();
        for (int n = 0; n < IMAGES; n++) {
            pull(n);
        }
        assertThat(wrong).hasNullValue();
        assertThat(served).hasValueGreaterThan(KILLS);
    }

    private void count(Phase phase) {
        interrupted.merge(phase, 1, Integer::sum);
        kills++;
        if (kills % SAY_EVERY == 0 || kills == KILLS) {
            System.out.printf(
                    "%d of %d kills, %d answers right; they interrupted %s%n", kills, KILLS, served.get(), interrupted);
        }
    }

    private Phase phase() throws IOException {
        if (Files.exists(folder.resolve("store/v1/index.next")) || Files.exists(folder.resolve("store/v1/index.old"))) {
            return Phase.WRITING_A_SNAPSHOT;
        }
        boolean whole = false;
        boolean part = false;
        for (Path file : cache.files("partial")) {
            String name = file.getFileName().toString();
            boolean isWhole = Digest.sha256(Files.readAllBytes(file)).hex().equals(name.replaceAll("-.*", ""));
            whole |= isWhole;
            part |= !isWhole;
        }
        return whole ? Phase.NAMING_OR_REMOVING : part ? Phase.FILLING : Phase.SERVING;
    }

    private void pullUntilKilled(int afterMillis) throws InterruptedException {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int n = 0; n < CLIENTS; n++) {
                long clientSeed = random.nextLong();
                clients.execute(() -> pullAtRandom(new Random(clientSeed)));
            }
            cache.killAfter(afterMillis);
        }
    }

    private void pullAtRandom(Random which) {
        try {
            while (cache.alive()) {
                pull(which.nextInt(IMAGES));
            }
        } catch (IOException e) {
            // It was killed: what it had sent so far was not whole, or was right.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | AssertionError e) {
            wrong.set(e);
        }
    }

    private void pull(int n) throws IOException, InterruptedException {
        Image image = images.get(n);
        String manifests = "/v2/library/app/manifests/";
        isRight(manifests + "v" + n, image.manifestBytes());
        isRight(manifests + image.manifest(), image.manifestBytes());
        isRight("/v2/library/app/blobs/" + image.layer(), image.layerBytes());
    }

    private void isRight(String path, byte[] expected) throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = cache.get(path);
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
        assertThat(Arrays.equals(answer.body(), expected)).as(path).isTrue();
        served.incrementAndGet();
    }

    private void diskIsWhatItSays(String when) throws Exception {
        String status = cache.admin("/status").body();
        assertThat(cache.files("partial")).as("%s: partial blobs", when).isEmpty();
        List<Path> blobs = cache.files("blobs");
        long held = 0;
        for (Path blob : blobs) {
            byte[] bytes = Files.readAllBytes(blob);
            assertThat(Digest.sha256(bytes).hex())
                    .as(when)
                    .isEqualTo(blob.getFileName().toString());
            held += (bytes.length + BLOCK - 1) / BLOCK * BLOCK;
        }
        assertThat(number(status, "blobs")).as("%s: blobs", when).isEqualTo(blobs.size());
        assertThat(number(status, "usedBytes")).as("%s: bytes", when).isEqualTo(held);
    }

    private static long number(String json, String name) {
        Matcher matcher = Pattern.compile("\"" + name + "\"\\s*:\\s*(\\d+)").matcher(json);
        assertThat(matcher.find()).as(name).isTrue();
        return Long.parseLong(matcher.group(1));
    }
}
