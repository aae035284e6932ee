package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that hold a connection without using it are closed after timeouts.client, and those that use it are not. */
@Timeout(60)
class SlowClientsIT {

    private static final int LAYER = 30_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** For clients that are well, on a machine that stands still for a moment. */
    private static final Duration LONG_PATIENCE = Duration.ofSeconds(4);

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image image = upstream.push("library/app", "v1", LAYER, 1);
    private TestCache cache;

    @BeforeEach
    void start() {
        start(PATIENCE);
    }

    private void start(Duration patience) {
        cache = new TestCache(
                folder, TestCache.yaml(folder, "timeouts: {client: " + patience.toSeconds() + "s}", "", upstream));
    }

    private void restart(Duration patience) {
        cache.close();
        start(patience);
    }

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        // So small that the server feels at once what is not read.
        socket.setReceiveBufferSize(64 * 1024);
        socket.connect(
                new InetSocketAddress(
                        InetAddress.getLoopbackAddress(), cache.cache().registryPort()),
                5_000);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private String layerRequest() {
        return "GET /v2/library/app/blobs/" + image.layer() + "?ns=" + TestCache.HOST + " HTTP/1.1\r\nHost: x\r\n\r\n";
    }

    private void noRequestIsLeft() {
        await().untilAsserted(() ->
                assertThat(cache.admin("/metrics")).contains("larder_requests_active 0.0", "larder_connections 0.0"));
    }

    @Test
    void silentClient_isClosed() throws Exception {
        try (Socket socket = connect()) {
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
        noRequestIsLeft();
    }

    @Test
    void requestHeadThatNeverEnds_isClosed_thoughItTrickles() throws Exception {
        long began = System.nanoTime();
        try (Socket socket = connect()) {
            OutputStream out = socket.getOutputStream();
            out.write(bytes("GET /v2/ HTTP/1.1\r\nHost: x\r\nX-Slow: "));
            while (true) {
                out.write('a');
                TimeUnit.MILLISECONDS.sleep(100);
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
            }
        } catch (SocketException e) {
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(900));
        }
    }

    @ParameterizedTest(name = "stored before: {0}")
    @ValueSource(booleans = {true, false})
    void clientThatReadsNothing_isClosed_andHoldsNothing(boolean stored) throws Exception {
        if (stored) {
            restart(LONG_PATIENCE);
            cache.get("/v2/library/app/blobs/" + image.layer());
            restart(PATIENCE);
        }
        try (Socket socket = connect()) {
            socket.getOutputStream().write(bytes(layerRequest()));
            noRequestIsLeft();
        }
        restart(LONG_PATIENCE);
        assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).body()).isEqualTo(image.layerBytes());
    }

    @Test
    void slowClientThatReads_getsEverything() throws Exception {
        restart(LONG_PATIENCE);
        cache.get("/v2/library/app/blobs/" + image.layer());
        try (Socket socket = connect()) {
            socket.getOutputStream().write(bytes(layerRequest()));
            long read = 0;
            byte[] piece = new byte[1 << 20];
            while (read < LAYER) {
                int count = socket.getInputStream().readNBytes(piece, 0, piece.length);
                assertThat(count).isPositive();
                read += count;
                // Several times the patience altogether, though each pause is short.
                TimeUnit.MILLISECONDS.sleep(300);
            }
        }
    }

    @Test
    void connectionInUse_staysOpen() throws Exception {
        restart(LONG_PATIENCE);
        try (Socket socket = connect()) {
            for (int i = 0; i < 5; i++) {
                socket.getOutputStream().write(bytes("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n"));
                assertThat(socket.getInputStream().read()).isEqualTo('H');
                socket.getInputStream().skipNBytes(socket.getInputStream().available());
                TimeUnit.MILLISECONDS.sleep(1500);
            }
        }
    }
}
