package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many connections to the real program with the memory it has in its image: it grows little, everyone is served from one
 * fetch, and all of it comes back. {@code make soak} has 2,000 and 500.
 */
class ConnectionsIT {
    private static final int IDLE = Integer.getInteger("larder.connections.idle", 300);
    private static final int ACTIVE = Integer.getInteger("larder.connections.active", 100);
    private static final int LAYER = 8_000_000;
    private static final double MOST_GROWTH_MIB = 120;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image image = upstream.push("library/app", "v1", LAYER, 1);
    private final List<Socket> idle = new ArrayList<>();

    @AfterEach
    void end() throws IOException {
        closeIdle();
        upstream.close();
    }

    private void closeIdle() throws IOException {
        for (Socket socket : idle) {
            socket.close();
        }
    }

    private static Socket ask(CacheProcess cache, String path, boolean last) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), cache.port());
        socket.setSoTimeout(60_000);
        socket.getOutputStream()
                .write(("GET " + path + " HTTP/1.1\r\nHost: x\r\n" + (last ? "Connection: close\r\n" : "") + "\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    /** Whether the layer came, whole and right. */
    private boolean pull(CacheProcess cache) throws IOException {
        String path = "/v2/library/app/blobs/" + image.layer() + "?ns=" + TestCache.HOST;
        try (Socket socket = ask(cache, path, true)) {
            InputStream in = socket.getInputStream();
            var head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    return false;
                }
                head.append((char) next);
            }
            return head.toString().startsWith("HTTP/1.1 200 ")
                    && Digest.sha256(in.readAllBytes()).equals(image.layer());
        }
    }

    private int pullAtOnce(CacheProcess cache) throws Exception {
        int right = 0;
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Boolean>> pulls = new ArrayList<>();
            for (int i = 0; i < ACTIVE; i++) {
                pulls.add(threads.submit(() -> pull(cache)));
            }
            for (Future<Boolean> pull : pulls) {
                right += pull.get(120, TimeUnit.SECONDS) ? 1 : 0;
            }
        }
        return right;
    }

    @Test
    void manyConnections_costLittle_andAllOfItComesBack() throws Exception {
        try (CacheProcess cache = CacheProcess.start(folder, "1Gi", upstream)) {
            double before = cache.residentMib();
            for (int i = 0; i < IDLE; i++) {
                Socket socket = ask(cache, "/v2/", false);
                assertThat(socket.getInputStream().read()).isEqualTo('H');
                idle.add(socket);
            }
            assertThat(cache.metric("larder_connections")).isEqualTo(IDLE);
            double withIdle = cache.residentMib();
            int threads = cache.threads();
            upstream.misbehave().pauseMillis = 5;
            assertThat(pullAtOnce(cache)).as("right answers of %d", ACTIVE).isEqualTo(ACTIVE);
            double afterCold = cache.residentMib();
            assertThat(pullAtOnce(cache)).as("right answers of %d", ACTIVE).isEqualTo(ACTIVE);
            double afterWarm = cache.residentMib();
            System.out.printf(
                    Locale.ROOT,
                    "resident MiB: %.0f at first, %.0f with %d idle, %.0f after %d joined one download, %.0f after as"
                            + " many hits%n",
                    before,
                    withIdle,
                    IDLE,
                    afterCold,
                    ACTIVE,
                    afterWarm);
            assertThat(upstream.requests()).hasSize(1);
            assertThat(afterWarm).isLessThan(before + MOST_GROWTH_MIB);
            assertThat(cache.threads()).isLessThan(threads + 8);
            closeIdle();
            await().untilAsserted(() -> {
                assertThat(cache.metric("larder_connections")).isZero();
                assertThat(cache.metric("larder_requests_active")).isZero();
                assertThat(cache.openFiles()).isLessThan(150);
            });
        }
    }
}
