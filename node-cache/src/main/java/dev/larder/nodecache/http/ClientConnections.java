package dev.larder.nodecache.http;

import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The clients' open connections. Bounds their number, and how long each may go without sending a whole request head: no
 * byte at all or one now and then make no difference. Safe for many threads.
 */
final class ClientConnections {

    private final int most;
    private final long patienceNanos;
    private final ConcurrentHashMap<HttpConnection, Waiting> open = new ConcurrentHashMap<>();
    private final AtomicInteger busy = new AtomicInteger();

    /** Written by the connection's own event loop only. */
    private static final class Waiting {
        int underWay;
        volatile boolean busy;
        volatile long since = System.nanoTime();
    }

    /**
     * @param most connections at once; further ones are closed unanswered, which sends containerd to its next host
     * @param patience for the next request head
     */
    ClientConnections(int most, Duration patience) {
        this.most = most;
        this.patienceNanos = patience.toNanos();
    }

    /** On the connection's event loop. */
    void opened(HttpConnection connection) {
        if (open.size() >= most) {
            connection.close();
            return;
        }
        open.put(connection, new Waiting());
        connection.closeHandler(v -> closed(connection));
    }

    private void closed(HttpConnection connection) {
        Waiting waiting = open.remove(connection);
        if (waiting != null && waiting.busy) {
            busy.decrementAndGet();
        }
    }

    /**
     * A request head is here. On the connection's event loop.
     *
     * @return the requests being answered, with this one. Of those that a client sends at once, the next is begun when the
     *     answer before it has been given to the socket: they count as one.
     */
    int began(HttpConnection connection) {
        Waiting waiting = open.get(connection);
        if (waiting == null || waiting.underWay++ > 0) {
            return busy.get();
        }
        waiting.busy = true;
        return busy.incrementAndGet();
    }

    /** Its answer has ended. On the connection's event loop. */
    void ended(HttpConnection connection) {
        Waiting waiting = open.get(connection);
        if (waiting != null && --waiting.underWay == 0) {
            waiting.since = System.nanoTime();
            waiting.busy = false;
            busy.decrementAndGet();
        }
    }

    /** Closes those that have taken too long to ask for anything. */
    void sweep() {
        long now = System.nanoTime();
        open.forEach((connection, waiting) -> {
            if (!waiting.busy && now - waiting.since > patienceNanos) {
                connection.close();
            }
        });
    }

    /** Those that are being answered. */
    int busy() {
        return busy.get();
    }

    int size() {
        return open.size();
    }
}
