package dev.larder.nodecache.fake;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** Passes bytes on to a loopback port, until it forgets a connection as a firewall does: without a word to either side. */
public final class Relay implements AutoCloseable {

    private final ServerSocket listener;
    private final int target;
    private final AtomicInteger generation = new AtomicInteger();
    private final AtomicInteger accepted = new AtomicInteger();

    public Relay(int target) throws IOException {
        this.target = target;
        this.listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** Connections since the start. */
    public int accepted() {
        return accepted.get();
    }

    /** Drops from now on whatever comes over the connections there are; new ones work. */
    public void forget() {
        generation.incrementAndGet();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                accepted.incrementAndGet();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                int mine = generation.get();
                Thread.ofVirtual().start(() -> pass(client, server, mine));
                Thread.ofVirtual().start(() -> pass(server, client, mine));
            } catch (IOException e) {
                // Closed, which ends the loop.
                return;
            }
        }
    }

    private void pass(Socket from, Socket to, int mine) {
        byte[] piece = new byte[64 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                if (generation.get() == mine) {
                    out.write(piece, 0, count);
                }
            }
            if (generation.get() == mine) {
                from.close();
                to.close();
            }
        } catch (IOException e) {
            // One side has left; so does this thread.
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
