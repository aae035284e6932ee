package dev.larder.e2e.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PortsTest {
    private static final int MANY = 50;

    @Test
    void freePort_isNoneThatTheKernelGivesToAConnection_andCanBeListenedOn() throws IOException {
        int lowest = lowestOfTheKernel();
        for (int port : IntStream.generate(Ports::free).limit(MANY).toArray()) {
            assertThat(port).isLessThan(lowest);
            try (ServerSocket listening = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                assertThat(Ports.listening(listening.getLocalPort())).isTrue();
            }
        }
    }

    /** In one read, as these files are given. */
    private static int lowestOfTheKernel() throws IOException {
        try (InputStream range = Files.newInputStream(Path.of("/proc/sys/net/ipv4/ip_local_port_range"))) {
            String text = new String(range.readNBytes(100), StandardCharsets.US_ASCII);
            return Integer.parseInt(text.strip().split("\\s+", 2)[0]);
        }
    }
}
