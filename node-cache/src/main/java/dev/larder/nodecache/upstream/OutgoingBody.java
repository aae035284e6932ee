package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.Deadline;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/** Sends the body of one request, a piece at a time, each when the one before has left. */
final class OutgoingBody {

    private static final int PIECE = 128 * 1024;

    private final HttpClientRequest request;
    private final String host;

    OutgoingBody(HttpClientRequest request, String host) {
        this.request = request;
        this.host = host;
    }

    /**
     * Sends all of it, unless the answer comes before that: then nobody wants the rest.
     *
     * @return whether all of it was sent
     */
    boolean send(Outgoing.Body body, Future<?> answer) throws InterruptedException {
        return switch (body) {
            case Outgoing.Bytes(byte[] bytes) -> {
                var _ = onLoop(() -> bytes.length == 0 ? request.end() : request.end(Buffer.buffer(bytes)));
                yield true;
            }
            case Outgoing.FilePart part -> send(part, answer);
        };
    }

    private boolean send(Outgoing.FilePart part, Future<?> answer) throws InterruptedException {
        long sent = 0;
        while (sent < part.length()) {
            if (answer.isComplete()) {
                return false;
            }
            Buffer piece = read(part, sent);
            sent += piece.length();
            boolean last = sent == part.length();
            try {
                Futures.await(
                        onLoop(() -> last ? request.end(piece) : request.write(piece)),
                        Deadline.in(part.patience()),
                        host);
            } catch (UpstreamFailure e) {
                if (answer.succeeded()) {
                    return false; // it says why nothing more is taken
                }
                throw e;
            }
        }
        return true;
    }

    /**
     * Writes on the connection's own loop. From another thread Vert.x writes at once, and past the loop, to a connection
     * that is just closing (OutboundMessageQueue.write), which only the loop may.
     */
    private Future<Void> onLoop(Supplier<Future<Void>> write) {
        return Future.future(
                done -> ((ConnectionBase) request.connection()).context().runOnContext(_ -> {
                    try {
                        write.get().onComplete(done);
                    } catch (RuntimeException e) {
                        done.fail(e);
                    }
                }));
    }

    private static Buffer read(Outgoing.FilePart part, long done) {
        ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(PIECE, part.length() - done));
        try {
            while (bytes.hasRemaining()) {
                if (part.file().read(bytes, part.offset() + done + bytes.position()) < 0) {
                    throw new IOException("it is shorter than it was");
                }
            }
        } catch (IOException e) {
            throw new StoreFailure(StoreFailure.Kind.IO, "cannot read a blob to send: " + e.getMessage(), e);
        }
        return Buffer.buffer(bytes.array());
    }
}
