package dev.larder.e2e.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * One GET on a connection of its own, read as fast as a socket gives it and thrown away: a client that costs as little as
 * possible.
 *
 * @param firstByte from the connect to the first byte of the answer
 * @param whole to the end of the answer
 */
record Download(Duration firstByte, Duration whole) {
    private static final int BUFFER = 1 << 20;

    /** Fails when the answer is not a 200 with at least {@code bytes} bytes. */
    static Download of(URI server, String path, long bytes) {
        long begin = System.nanoTime();
        try (SocketChannel channel = SocketChannel.open(new InetSocketAddress(server.getHost(), server.getPort()))) {
            String request = "GET " + path + " HTTP/1.1\r\nHost: " + server.getAuthority() + "\r\nAccept: "
                    + Content.MANIFEST_TYPE + "\r\nConnection: close\r\n\r\n";
            channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
            long received = Math.max(0, channel.read(buffer));
            long first = System.nanoTime();
            String head =
                    StandardCharsets.US_ASCII.decode(buffer.duplicate().flip()).toString();
            for (int read = 0; read >= 0; read = channel.read(buffer.clear())) {
                received += read;
            }
            long end = System.nanoTime();
            if (!head.startsWith("HTTP/1.1 200") || received < bytes) {
                throw new IllegalStateException("GET " + server + path + " gave " + received + " bytes: "
                        + head.lines().findFirst().orElse("no answer"));
            }
            return new Download(Duration.ofNanos(first - begin), Duration.ofNanos(end - begin));
        } catch (IOException e) {
            throw new UncheckedIOException("GET " + server + path + " failed", e);
        }
    }
}
