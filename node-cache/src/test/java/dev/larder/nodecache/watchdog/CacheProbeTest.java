package dev.larder.nodecache.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.watchdog.CacheProbe.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheProbeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static CacheProbe probe(ServerSocket server, Duration patience) {
        return new CacheProbe(
                new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), patience, Optional.empty());
    }

    private static ServerSocket listen() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    @ParameterizedTest
    @CsvSource({
        "HTTP/1.1 200 OK, SERVES",
        "HTTP/1.0 204 No Content, SERVES",
        "HTTP/1.1 401 Unauthorized, SERVES",
        "HTTP/1.1 503 Service Unavailable, REFUSES",
        "HTTP/1.1 404 Not Found, REFUSES",
        "SSH-2.0-OpenSSH_9.2p1 Debian, REFUSES",
        "'', CLOSED",
    })
    void ask_answer(String line, Answer expected) throws Exception {
        try (ServerSocket server = listen()) {
            CompletableFuture<String> request = CompletableFuture.supplyAsync(() -> {
                try (Socket socket = server.accept()) {
                    byte[] bytes = new byte[1024];
                    int read = socket.getInputStream().read(bytes);
                    if (!line.isEmpty()) {
                        socket.getOutputStream().write((line + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
                    }
                    return new String(bytes, 0, read, StandardCharsets.US_ASCII);
                } catch (IOException e) {
                    return e.toString();
                }
            });
            assertThat(probe(server, PATIENCE).ask()).isEqualTo(expected);
            assertThat(request.get(5, TimeUnit.SECONDS))
                    .startsWith("GET /v2/ HTTP/1.1\r\n")
                    .endsWith("\r\n\r\n");
        }
    }

    @Test
    void ask_listensButSaysNothing() throws IOException {
        try (ServerSocket server = listen()) {
            assertThat(probe(server, Duration.ofMillis(200)).ask()).isEqualTo(Answer.SILENT);
        }
    }

    @Test
    void ask_nobodyListens() throws IOException {
        CacheProbe probe;
        try (ServerSocket server = listen()) {
            probe = probe(server, PATIENCE);
        }
        assertThat(probe.ask()).isEqualTo(Answer.CLOSED);
    }
}
