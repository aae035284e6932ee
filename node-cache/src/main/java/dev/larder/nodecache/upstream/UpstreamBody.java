package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.Deadline;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A response body handed from an event loop to one waiting thread, piece by piece. At most {@link #WINDOW} pieces are on
 * their way, which is what bounds the queue.
 */
final class UpstreamBody implements AutoCloseable {

    private static final int WINDOW = 4;

    private final String host;
    private final HttpClientRequest request;
    private final HttpClientResponse response;
    private final Context context;
    private final LongConsumer received;
    private final boolean small;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicBoolean over = new AtomicBoolean();
    /** Belongs to the event loop. */
    private boolean ended;

    private sealed interface Event {
        record Piece(Buffer bytes) implements Event {}

        record End() implements Event {}

        record Broken(Throwable cause) implements Event {}
    }

    /** Called on the response's context, with the response paused. */
    UpstreamBody(
            String host,
            HttpClientRequest request,
            HttpClientResponse response,
            Context context,
            LongConsumer received,
            boolean small) {
        this.host = host;
        this.request = request;
        this.response = response;
        this.context = context;
        this.received = received;
        this.small = small;
    }

    void start() {
        response.exceptionHandler(e -> arrived(new Event.Broken(e)));
        response.endHandler(v -> arrived(new Event.End()));
        response.handler(bytes -> events.add(new Event.Piece(bytes)));
        response.fetch(WINDOW);
    }

    private void arrived(Event last) {
        ended = true;
        events.add(last);
    }

    /** The next piece, or null at the end. Without one in time the body is over. */
    @Nullable
    ByteBuffer read(Duration patience) throws InterruptedException {
        Event event = events.poll(patience.toNanos(), TimeUnit.NANOSECONDS);
        return switch (event) {
            case Event.Piece(Buffer bytes) -> {
                context.runOnContext(v -> {
                    if (!ended) {
                        response.fetch(1);
                    }
                });
                received.accept(bytes.length());
                // Vert.x has copied the bytes off the socket's buffer already; once is enough.
                yield ((BufferInternal) bytes).getByteBuf().nioBuffer();
            }
            case Event.End end -> {
                events.add(end);
                over.set(true);
                yield null;
            }
            case Event.Broken broken -> {
                close();
                throw Futures.unreachable(host, broken.cause());
            }
            case null -> {
                close();
                throw new UpstreamFailure(
                        UpstreamFailure.Kind.TIMEOUT, host, host + " sent nothing for " + patience.toMillis() + " ms");
            }
        };
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

    /** Gives the connection up unless the body has been read to its end, or is small enough to let it run out. */
    @Override
    public void close() {
        if (over.compareAndSet(false, true)) {
            context.runOnContext(v -> {
                if (ended) {
                    return;
                }
                if (small) {
                    response.resume();
                } else {
                    request.reset();
                }
            });
        }
    }
}
