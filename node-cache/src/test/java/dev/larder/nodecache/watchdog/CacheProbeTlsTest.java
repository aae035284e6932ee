package dev.larder.nodecache.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.SelfSigned;
import dev.larder.nodecache.watchdog.CacheProbe.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The probe takes over TLS what containerd takes, and nothing else. */
class CacheProbeTlsTest {

    @TempDir
    Path folder;

    private SelfSigned own;
    private Path authority;

    @BeforeEach
    void ownCertificate() throws Exception {
        own = SelfSigned.make(folder, "own");
        authority = Files.writeString(folder.resolve("ca.crt"), own.certificatePem());
    }

    private CacheProbe probe(ServerSocket server) {
        // Hands are shaken for the first time in this process, which takes its while.
        return new CacheProbe(
                new InetSocketAddress(server.getInetAddress(), server.getLocalPort()),
                Duration.ofSeconds(10),
                Optional.of(authority));
    }

    private static ServerSocket listen(SelfSigned shown) throws Exception {
        return answering(
                shown.identity().getServerSocketFactory().createServerSocket(0, 9, InetAddress.getLoopbackAddress()));
    }

    private static ServerSocket answering(ServerSocket server) {
        Thread.ofVirtual().start(() -> {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    int read = socket.getInputStream().read(new byte[1024]);
                    String answer = read > 0 ? "HTTP/1.1 200 OK\r\n\r\n" : "";
                    socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    assertThat(e)
                            .as("what the probe's refusal looks like from here")
                            .isNotNull();
                }
            }
        });
        return server;
    }

    @Test
    void certificateOfTheAuthority_serves() throws Exception {
        try (ServerSocket server = listen(own)) {
            assertThat(probe(server).ask()).isEqualTo(Answer.SERVES);
        }
    }

    @Test
    void somebodyElsesCertificate_refuses() throws Exception {
        try (ServerSocket server = listen(SelfSigned.make(folder, "other"))) {
            assertThat(probe(server).ask()).isEqualTo(Answer.REFUSES);
        }
    }

    @Test
    void certificateForAnotherAddress_refuses() throws Exception {
        SelfSigned elsewhere = SelfSigned.make(folder, "elsewhere", "dns:localhost,ip:10.0.0.1");
        Files.writeString(authority, elsewhere.certificatePem());
        try (ServerSocket server = listen(elsewhere)) {
            assertThat(probe(server).ask()).isEqualTo(Answer.REFUSES);
        }
    }

    @Test
    void answerWithoutTls_refuses() throws Exception {
        try (ServerSocket server = answering(new ServerSocket(0, 9, InetAddress.getLoopbackAddress()))) {
            assertThat(probe(server).ask()).isEqualTo(Answer.REFUSES);
        }
    }

    @Test
    void listensButSaysNothing_silent() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 9, InetAddress.getLoopbackAddress())) {
            CacheProbe impatient = new CacheProbe(
                    new InetSocketAddress(server.getInetAddress(), server.getLocalPort()),
                    Duration.ofMillis(200),
                    Optional.of(authority));
            assertThat(impatient.ask()).isEqualTo(Answer.SILENT);
        }
    }

    @Test
    void newAuthority_isTakenUp() throws Exception {
        SelfSigned next = SelfSigned.make(folder, "next");
        try (ServerSocket server = listen(next)) {
            CacheProbe probe = probe(server);
            assertThat(probe.ask()).isEqualTo(Answer.REFUSES);
            Files.writeString(authority, next.certificatePem());
            assertThat(probe.ask()).isEqualTo(Answer.SERVES);
        }
    }
}
