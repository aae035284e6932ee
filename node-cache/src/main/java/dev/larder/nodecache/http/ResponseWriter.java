package dev.larder.nodecache.http;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.fill.FillReader;
import dev.larder.nodecache.registry.Body;
import dev.larder.nodecache.registry.RegistryResponse;
import io.netty.buffer.Unpooled;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.net.impl.VertxConnection;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes each kind of body. Called in the request's virtual thread, or on its event loop with what needs no waiting; what
 * touches the response runs on that loop. A body is closed however the response ends.
 */
final class ResponseWriter {

    private static final Logger LOG = LoggerFactory.getLogger(ResponseWriter.class);

    /** As much as Vert.x sends of a stored file at once: a client is given up when it does not take that in its time. */
    private static final long STRETCH = 1 << 20;

    private final Exchange exchange;
    private final HttpServerResponse response;
    private final Context context;
    private final Executor loop;
    private final Resources resources;
    private final PiecePool pieces;
    /** What is going out now. Belongs to the answering thread. */
    private CompletableFuture<Void> underWay = CompletableFuture.completedFuture(null);
    /** Of a body that is still on its way here, what the socket has not taken yet. Belongs to the event loop. */
    private long left;

    /**
     * What all responses share.
     *
     * @param clientPatience a client that takes nothing for so long is given up
     * @param threads one virtual thread a task
     */
    record Resources(PiecePool pieces, Duration clientPatience, Executor threads) {}

    /** @param loop the context's event loop: for its own thread, runs what it is given in place */
    ResponseWriter(
            Exchange exchange, HttpServerResponse response, Context context, Executor loop, Resources resources) {
        this.loop = loop;
        this.resources = resources;
        this.pieces = resources.pieces();
        this.exchange = exchange;
        this.response = response;
        this.context = context;
    }

    void write(RegistryResponse answer) throws InterruptedException {
        switch (answer.body()) {
            case Body.Empty _ ->
                loop.execute(() -> {
                    begin(answer);
                    response.end().onComplete(sent -> exchange.finish(sent.failed()));
                });
            case Body.Bytes(byte[] bytes) -> {
                Buffer body = BufferInternal.buffer(Unpooled.wrappedBuffer(bytes));
                loop.execute(() -> {
                    begin(answer);
                    response.end(body).onComplete(sent -> exchange.finish(sent.failed()));
                });
            }
            case Body.FileRange range -> sendFile(answer, range);
            case Body.Filling filling -> stream(answer, filling);
        }
    }

    private void begin(RegistryResponse answer) {
        exchange.begins(answer.outcome());
        response.setStatusCode(answer.partial() ? 206 : 200);
        answer.headers().forEach(response::putHeader);
        response.putHeader("Larder-Outcome", answer.outcome().label());
        response.putHeader("Content-Length", Long.toString(answer.body().length()));
    }

    private void sendFile(RegistryResponse answer, Body.FileRange range) {
        FileChannel file;
        try {
            file = range.lease().open();
        } catch (CacheException e) {
            range.close();
            throw e;
        }
        loop.execute(() -> {
            if (response.closed()) {
                done(range, file, true);
                return;
            }
            try {
                begin(answer);
            } catch (RuntimeException e) {
                close(range, file);
                throw e;
            }
            var sent = range.length() == 0 ? response.end() : response.sendFile(file, range.offset(), range.length());
            sent.onComplete(result -> {
                if (result.failed()) {
                    range.lease().failed(file, result.cause());
                }
                done(range, file, result.failed());
            });
        });
    }

    private void done(Body.FileRange range, FileChannel file, boolean failed) {
        exchange.finish(failed);
        close(range, file);
    }

    private static void close(Body.FileRange range, FileChannel file) {
        range.close();
        try {
            file.close();
        } catch (IOException e) {
            LOG.atWarn().setCause(e).log("cannot close a blob that was served");
        }
    }

    /** What is in the file goes out by the kernel, behind the writer; what is not, and everything under TLS, in pieces. */
    private void stream(RegistryResponse answer, Body.Filling filling) throws InterruptedException {
        left = filling.length();
        underWay = begun(answer);
        try {
            FillReader reader = filling.reader();
            if (!exchange.isTls()) {
                sendStretches(reader);
            }
            if (!reader.isDone()) {
                sendPieces(reader);
            }
            await(underWay);
            context.runOnContext(v -> response.end().onComplete(end -> exchange.finish(end.failed())));
        } catch (CacheException e) {
            context.runOnContext(v -> exchange.fail(e));
        } catch (ExecutionException e) {
            context.runOnContext(v -> {
                // Ended already if its head could not be written, with an error instead.
                if (!response.ended()) {
                    exchange.cut("it cannot be sent: " + e.getCause());
                }
            });
        } catch (TimeoutException e) {
            context.runOnContext(v -> exchange.cut("the client took no more"));
        } finally {
            closeWhenSent(filling);
        }
    }

    /** While the kernel may still read from it, the file stays open: another could get its number. */
    private void closeWhenSent(Body.Filling filling) {
        if (underWay.isDone()) {
            filling.close();
        } else {
            // Not on the event loop: it may have a file to remove.
            var _ = underWay.whenCompleteAsync((sent, failure) -> filling.close(), resources.threads());
        }
    }

    private void sendStretches(FillReader reader) throws InterruptedException, ExecutionException, TimeoutException {
        for (var next = reader.stretch(STRETCH); next.isPresent(); next = reader.stretch(STRETCH)) {
            await(underWay);
            underWay = send(next.get());
        }
    }

    private CompletableFuture<Void> send(FillReader.Stretch stretch) {
        CompletableFuture<Void> sent = new CompletableFuture<>();
        context.runOnContext(v -> {
            if (response.closed()) {
                sent.completeExceptionally(new IOException("closed"));
                return;
            }
            if (!response.headWritten()) {
                var _ = response.writeHead();
            }
            exchange.sent(stretch.length());
            var _ = ((VertxConnection) exchange.connection())
                    .sendFile(stretch.file(), stretch.offset(), stretch.length())
                    .addListener(result -> {
                        if (result.isSuccess()) {
                            taken(stretch.length());
                            sent.complete(null);
                        } else {
                            sent.completeExceptionally(result.cause());
                        }
                    });
        });
        return sent;
    }

    /** Two pieces at a time: one on its way to the socket, one being read. */
    private void sendPieces(FillReader reader) throws InterruptedException, ExecutionException, TimeoutException {
        ByteBuffer sending = pieces.take();
        ByteBuffer next = pieces.take();
        boolean allSent = false;
        try {
            while (reader.read(next.clear()) >= 0) {
                await(underWay);
                underWay = write(next.flip());
                ByteBuffer sent = sending;
                sending = next;
                next = sent;
            }
            await(underWay);
            allSent = true;
        } finally {
            if (allSent) {
                pieces.giveBack(sending);
                pieces.giveBack(next);
            } else {
                pieces.abandon(sending);
                pieces.abandon(next);
            }
        }
    }

    private CompletableFuture<Void> begun(RegistryResponse answer) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                begin(answer);
                done.complete(null);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
                throw e;
            }
        });
        return done;
    }

    private CompletableFuture<Void> write(ByteBuffer piece) {
        int length = piece.remaining();
        Buffer out = BufferInternal.buffer(Unpooled.wrappedBuffer(piece));
        CompletableFuture<Void> written = new CompletableFuture<>();
        context.runOnContext(v -> {
            if (response.closed()) {
                written.completeExceptionally(new IOException("closed"));
            } else {
                response.write(out).onComplete(sent -> {
                    if (sent.succeeded()) {
                        taken(length);
                        written.complete(null);
                    } else {
                        written.completeExceptionally(sent.cause());
                    }
                });
            }
        });
        return written;
    }

    private void taken(long bytes) {
        left -= bytes;
        if (left == 0) {
            exchange.whole();
        }
    }

    private void await(CompletableFuture<Void> written)
            throws InterruptedException, ExecutionException, TimeoutException {
        written.get(resources.clientPatience().toMillis(), TimeUnit.MILLISECONDS);
    }
}
