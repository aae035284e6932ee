package dev.larder.nodecache.fill;

import dev.larder.nodecache.error.IntegrityFailure;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.BlobStream;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.SourcePolicy;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rest of a blob, from the source to one client without the disk. A stream that breaks is taken up where it stopped, as
 * a fill's is; the last piece is given out only when the hash of everything is right. For one thread.
 */
final class DirectReader implements AutoCloseable {

    private final FillRequest request;
    private final SourcePolicy policy;
    private final MessageDigest hash;
    private final long end;
    private long position;
    private @Nullable BlobStream stream;
    private @Nullable ByteBuffer ahead;
    private final Patience patience;
    private int barrenTries;

    /**
     * @param hash of everything before {@code position}
     * @param end the blob's
     * @param open a stream to begin with, if there is one
     */
    DirectReader(
            FillRequest request,
            SourcePolicy policy,
            MessageDigest hash,
            long position,
            long end,
            @Nullable BlobStream open) {
        this.request = request;
        this.policy = policy;
        this.hash = hash;
        this.position = position;
        this.end = end;
        this.stream = open;
        this.patience = new Patience(open == null ? policy.idle() : open.idle());
    }

    /** @return bytes put into {@code target}, at least one; not to be called at the end */
    int read(ByteBuffer target) throws InterruptedException {
        ByteBuffer piece = ahead;
        while (piece == null || !piece.hasRemaining()) {
            piece = next();
        }
        ahead = piece;
        int count = (int) Math.min(Math.min(target.remaining(), piece.remaining()), end - position);
        ByteBuffer part = piece.slice(piece.position(), count);
        hash.update(part.duplicate());
        piece.position(piece.position() + count);
        position += count;
        barrenTries = 0;
        if (position == end) {
            verify();
        }
        target.put(part);
        return count;
    }

    private void verify() {
        String actual = request.digest().finish(hash.digest()).toString();
        if (!actual.equals(request.digest().toString())) {
            blame();
            throw new IntegrityFailure(host(), request.digest().toString(), actual);
        }
    }

    private ByteBuffer next() throws InterruptedException {
        while (true) {
            try {
                BlobStream from = stream;
                if (from == null) {
                    from = open();
                    stream = from;
                    skip(from, position - from.offset());
                    ByteBuffer skipped = ahead;
                    if (skipped != null && skipped.hasRemaining()) {
                        return skipped;
                    }
                }
                ByteBuffer piece = read(from);
                if (piece != null) {
                    return piece;
                }
                throw endedEarly();
            } catch (UpstreamFailure broken) {
                blame();
                close();
                again(broken);
            }
        }
    }

    private @Nullable ByteBuffer read(BlobStream from) throws InterruptedException {
        ByteBuffer piece = patience.read(from);
        if (piece != null) {
            patience.received(piece.remaining());
        }
        return piece;
    }

    /** Another source is preferred for a while, if there is one. Of wrong bytes, those on the disk may be from elsewhere. */
    private void blame() {
        if (stream != null) {
            stream.blame(BlobStream.Fault.BROKE_OFF);
        }
    }

    private void again(UpstreamFailure broken) throws InterruptedException {
        Optional<Duration> pause = policy.resumeAfter(barrenTries++);
        patience.startedAgain();
        if (pause.isEmpty() || patience.isOver()) {
            throw broken;
        }
        Pauses.pause(pause.get());
    }

    private BlobStream open() throws InterruptedException {
        BlobStream found = patience.open(policy.firstByteCold(), this::found);
        patience.becomes(found.idle());
        return found;
    }

    private BlobStream found(Deadline deadline) throws InterruptedException {
        SourceResult<BlobStream> result = request.source()
                .openBlob(request.repository().repository(), request.digest(), position, request.caller(), deadline);
        return switch (result) {
            case Found<BlobStream>(BlobStream found, var _) -> found;
            case Unavailable<BlobStream>(UpstreamFailure failure) -> throw failure;
            case SourceResult.NotFound<BlobStream>(String message) ->
                throw new UpstreamFailure(UpstreamFailure.Kind.UNREACHABLE, host(), message);
        };
    }

    /** A source that knows no ranges begins earlier. */
    private void skip(BlobStream from, long bytes) throws InterruptedException {
        ahead = null;
        for (long left = bytes; left > 0; ) {
            ByteBuffer piece = read(from);
            if (piece == null) {
                throw endedEarly();
            }
            int skipped = (int) Math.min(left, piece.remaining());
            piece.position(piece.position() + skipped);
            left -= skipped;
            ahead = piece;
        }
    }

    private UpstreamFailure endedEarly() {
        return new UpstreamFailure(
                UpstreamFailure.Kind.UNREACHABLE,
                host(),
                request.digest() + " ended at byte " + position + " of " + end);
    }

    private String host() {
        return request.repository().registry().value();
    }

    @Override
    public void close() {
        if (stream != null) {
            stream.close();
            stream = null;
        }
    }
}
