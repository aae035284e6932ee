package dev.larder.nodecache.fake;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP proxy that knows CONNECT only, and leads every name to one loopback port. */
public final class FakeProxy implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final List<String> heads = new CopyOnWriteArrayList<>();

    public FakeProxy(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** What was asked for, each with its headers. */
    public List<String> heads() {
        return List.copyOf(heads);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Thread.ofVirtual().start(() -> tunnel(client));
            } catch (IOException e) {
                // Closed, which ends the loop.
                return;
            }
        }
    }

    private void tunnel(Socket client) {
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            StringBuilder head = new StringBuilder();
            InputStream in = client.getInputStream();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            heads.add(head.toString());
            client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            Thread back = Thread.ofVirtual().start(() -> copy(server, client));
            copy(client, server);
            back.join();
        } catch (IOException | InterruptedException e) {
            // One side has left; the other is closed with it.
            Thread.currentThread().interrupt();
        }
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            // The end of the tunnel.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
