package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real program, killed at random points while it is filled, served from and evicted from, and started again: nothing
 * wrong is ever served, and what is on the disk is what it says it has. {@code -Dlarder.crash.rounds=1000} for
 * more rounds; without it, no longer than is bearable in every build.
 */
class StoreCrashIT {

    private static final int ROUNDS = Integer.getInteger("larder.crash.rounds", 25);
    private static final Duration BEARABLE =
            System.getProperty("larder.crash.rounds") == null ? Duration.ofSeconds(30) : Duration.ofDays(1);
    private static final int IMAGES = 16;
    private static final int CLIENTS = 6;
    private static final long BLOCK = 4096;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final List<Image> images = new ArrayList<>();
    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final AtomicReference<@Nullable Throwable> wrong = new AtomicReference<>();
    private final AtomicInteger served = new AtomicInteger();
    private @Nullable Process process;
    private int port;
    private int adminPort;

    @BeforeEach
    void configure() throws IOException {
        for (int n = 0; n < IMAGES; n++) {
            images.add(upstream.push("library/app", "v" + n, 100_000 + 20_000 * n, n));
        }
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket two = new ServerSocket(0)) {
            port = one.getLocalPort();
            adminPort = two.getLocalPort();
        }
        // Room for about half of the images, so that every pull evicts.
        Files.writeString(
                folder.resolve("config.yaml"),
                TestCache.yaml(folder, "", "", upstream)
                        .replace("size: 1Gi", "size: 2Mi")
                        .replace("registry: \"127.0.0.1:0\"", "registry: \"127.0.0.1:" + port + "\"")
                        .replace("admin: \"127.0.0.1:0\"", "admin: \"127.0.0.1:" + adminPort + "\""));
    }

    @AfterEach
    void end() {
        if (process != null) {
            process.destroyForcibly();
        }
        upstream.close();
    }

    private Process launch() throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "dev.larder.nodecache.NodeCacheMain",
                "--config",
                folder.resolve("config.yaml").toString());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile());
        Process started = builder.start();
        process = started;
        return started;
    }

    private void awaitReady(Process of) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    assertThat(of.isAlive()).as("it ended by itself").isTrue();
                    return send(adminPort, "/readyz").statusCode() == 200;
                });
    }

    private HttpResponse<byte[]> send(int to, String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + to + path))
                .timeout(Duration.ofSeconds(20))
                .header("Accept", TestCache.ACCEPT)
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
    }

    @Test
    void killedAtAnyPoint_servesNothingWrong_andLeaksNothing() throws Exception {
        long end = System.nanoTime() + BEARABLE.toNanos();
        int round = 0;
        for (; round < ROUNDS && System.nanoTime() < end; round++) {
            Process running = launch();
            if (random.nextInt(8) == 0) {
                kill(running, random.nextInt(500)); // while it starts
                running = launch();
            }
            awaitReady(running);
            diskIsWhatItSays("round " + round + " of seed " + seed);
            pullUntilKilled(running, random.nextInt(400));
            Throwable found = wrong.get();
            if (found != null) {
                throw new AssertionError("in round " + round + " of seed " + seed, found);
            }
        }
        awaitReady(launch());
        for (int n = 0; n < IMAGES; n++) {
            pull(n);
        }
        assertThat(wrong).hasNullValue();
        assertThat(served).hasValueGreaterThan(round);
    }

    private void pullUntilKilled(Process running, int afterMillis) throws InterruptedException {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int n = 0; n < CLIENTS; n++) {
                long clientSeed = random.nextLong();
                clients.execute(() -> pullAtRandom(running, new Random(clientSeed)));
            }
            kill(running, afterMillis);
        }
    }

    /** SIGKILL, at a moment that nothing in the program can know. */
    private static void kill(Process running, int afterMillis) throws InterruptedException {
        assertThat(running.waitFor(afterMillis, TimeUnit.MILLISECONDS)).isFalse();
        running.destroyForcibly().waitFor();
    }

    private void pullAtRandom(Process running, Random which) {
        try {
            while (running.isAlive()) {
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
        HttpResponse<byte[]> answer = send(port, path + "?ns=" + TestCache.HOST);
        assertThat(answer.statusCode()).as(path).isEqualTo(200);
        assertThat(Arrays.equals(answer.body(), expected)).as(path).isTrue();
        served.incrementAndGet();
    }

    private void diskIsWhatItSays(String when) throws Exception {
        String status = new String(send(adminPort, "/status").body(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(files("partial")).as("%s: partial blobs", when).isEmpty();
        List<Path> blobs = files("blobs");
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

    private List<Path> files(String part) throws IOException {
        try (Stream<Path> all = Files.walk(folder.resolve("store/v1").resolve(part))) {
            return all.filter(Files::isRegularFile).toList();
        }
    }
}
