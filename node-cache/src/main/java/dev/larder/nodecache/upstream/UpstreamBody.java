package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.Deadline;
import io.netty.buffer.ByteBuf;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A response body handed from an event loop to one reading thread. While {@link #WINDOW} bytes or more are waiting, nothing
 * is read from the socket, which is what bounds them. The reader is not woken for every few bytes of a fast source: once it
 * has read something it waits for {@link #BATCH} bytes, though never longer than {@link #LINGER}.
 */
public final class UpstreamBody implements BodyTap.Taker, AutoCloseable {

    private static final int BATCH = 256 * 1024;
    private static final int WINDOW = 2 * BATCH;
    private static final Duration LINGER = Duration.ofMillis(1);

    private final String host;
    private final HttpClientRequest request;
    private final LongConsumer received;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition enough = lock.newCondition();
    // All of these are guarded by the lock.
    private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>();
    private int waiting;
    private int wanted = 1;
    private boolean stopped;
    private boolean ended;
    private boolean over;
    private boolean small;
    private boolean unwanted;
    private @Nullable Throwable broken;
    private BodyTap.@Nullable Flow flow;

    // These belong to the reading thread.
    private @Nullable ByteBuf held;
    private boolean begun;

    UpstreamBody(String host, HttpClientRequest request, LongConsumer received) {
        this.host = host;
        this.request = request;
        this.received = received;
    }

    /**
     * The head is here.
     *
     * @param isSmall rather read to its end than given up with its connection
     */
    void start(HttpClientResponse response, boolean isSmall) {
        lock.lock();
        try {
            small = isSmall;
        } finally {
            lock.unlock();
        }
        response.exceptionHandler(this::ended);
        response.endHandler(v -> ended(null));
    }

    /** The body comes from there; called on the response's context before any of it can arrive. */
    void takeFrom(HttpClientResponse response) {
        Context context = Objects.requireNonNull(Vertx.currentContext());
        BodyTap.Flow stream = new BodyTap.Flow() {
            @Override
            public void stop() {
                response.pause();
            }

            @Override
            public void goOn() {
                context.runOnContext(v -> response.resume());
            }
        };
        response.handler(bytes -> take(((BufferInternal) bytes).getByteBuf(), stream));
    }

    private void ended(@Nullable Throwable cause) {
        lock.lock();
        try {
            ended = true;
            broken = cause;
            enough.signal();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void take(ByteBuf bytes, BodyTap.Flow from) {
        lock.lock();
        try {
            if (over) {
                bytes.release();
                return;
            }
            flow = from;
            pieces.add(bytes);
            waiting += bytes.readableBytes();
            if (waiting >= WINDOW && !stopped) {
                stopped = true;
                from.stop();
            }
            if (waiting >= wanted) {
                enough.signal();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Whether the next piece is here. */
    boolean hasMore() {
        lock.lock();
        try {
            return !pieces.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** The next piece, valid until the next call, or null at the end. Without one in time the body is over. */
    @Nullable
    ByteBuffer read(Duration patience) throws InterruptedException {
        release();
        lock.lock();
        try {
            if (begun) {
                await(BATCH, LINGER);
            }
            boolean inTime = await(1, patience);
            ByteBuf piece = pieces.poll();
            if (piece != null) {
                held = piece;
                begun = true;
                taken(piece.readableBytes());
                return piece.nioBuffer();
            }
            if (inTime && broken == null) {
                over = true;
                return null;
            }
        } finally {
            lock.unlock();
        }
        close();
        if (broken != null) {
            throw Futures.unreachable(host, broken);
        }
        throw new UpstreamFailure(
                UpstreamFailure.Kind.TIMEOUT, host, host + " sent nothing for " + patience.toMillis() + " ms");
    }

    /** Waits until a piece is here that belongs to so many bytes, or the body has ended; false when it takes too long. */
    private boolean await(int bytes, Duration limit) throws InterruptedException {
        long left = limit.toNanos();
        if (!pieces.isEmpty() || ended) {
            return true;
        }
        wanted = bytes;
        while (waiting < bytes && !ended) {
            if (left <= 0) {
                return false;
            }
            left = enough.awaitNanos(left);
        }
        return true;
    }

    /** Under the lock, as stopping is: so neither overtakes the other and the socket is never left unread. */
    private void taken(int bytes) {
        waiting -= bytes;
        received.accept(bytes);
        BodyTap.Flow from = flow;
        if (stopped && waiting < WINDOW && from != null) {
            stopped = false;
            from.goOn();
        }
    }

    private void release() {
        ByteBuf last = held;
        held = null;
        if (last != null) {
            last.release();
        }
    }

    /** The whole body, if it comes by the deadline. */
    byte[] readAll(int limit, Deadline deadline) throws InterruptedException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (@Nullable ByteBuffer piece = read(deadline.remaining());
                piece != null;
                piece = read(deadline.remaining())) {
            if (all.size() + piece.remaining() > limit) {
                close();
                throw new UpstreamFailure(
                        UpstreamFailure.Kind.MALFORMED,
                        host,
                        host + " sent more than " + limit + " bytes where a manifest or a list was due");
            }
            byte[] bytes = new byte[piece.remaining()];
            piece.get(bytes);
            all.writeBytes(bytes);
        }
        return all.toByteArray();
    }

    /** The answer came before the request had ended: its connection is of no more use. */
    void isUnwanted() {
        lock.lock();
        try {
            unwanted = true;
        } finally {
            lock.unlock();
        }
    }

    /** Gives the connection up unless the body has been read to its end, or is small enough to let it run out. */
    @Override
    public void close() {
        release();
        lock.lock();
        try {
            if (unwanted) {
                unwanted = false;
                request.reset();
            }
            if (over) {
                return;
            }
            over = true;
            for (ByteBuf piece = pieces.poll(); piece != null; piece = pieces.poll()) {
                waiting -= piece.readableBytes();
                piece.release();
            }
            taken(0);
            if (!ended && !small) {
                request.reset();
            }
        } finally {
            lock.unlock();
        }
    }
}
