package dev.larder.nodecache.fill;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.IntegrityFailure;
import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.source.BlobStream;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.SourcePolicy;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import dev.larder.nodecache.store.BlobStore;
import dev.larder.nodecache.store.PartialBlob;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of a fill: source to partial file, hashing on the way, then verify and commit. Runs once, in a thread
 * of its own. A stream that breaks is taken up where it stopped, from whichever source gives it first.
 */
final class FillTask {

    private final Fill fill;
    private final FillRequest request;
    private final BlobStore store;
    private final SourcePolicy policy;
    private final Deadline firstByte;
    private final MessageDigest hash;
    private long written;
    private OptionalLong size = OptionalLong.empty();
    private int barrenTries;

    FillTask(Fill fill, BlobStore store, SourcePolicy policy, Deadline firstByte) {
        this.fill = fill;
        this.request = fill.request();
        this.store = store;
        this.policy = policy;
        this.firstByte = firstByte;
        this.hash = request.digest().hasher();
    }

    /** Returns when the blob is committed; every other end is thrown, after the readers have been told. */
    void run() throws InterruptedException {
        try {
            fillFrom(first());
        } catch (CacheException e) {
            fill.failed(e);
            throw e;
        }
    }

    private BlobStream first() throws InterruptedException {
        BlobStream stream = found(open(0, firstByte));
        if (stream.offset() != 0) {
            stream.close();
            throw malformed(stream, "began at byte " + stream.offset() + " when asked from the start");
        }
        size = stream.totalSize();
        return stream;
    }

    private SourceResult<BlobStream> open(long offset, Deadline deadline) throws InterruptedException {
        return request.source()
                .openBlob(request.repository().repository(), request.digest(), offset, request.caller(), deadline);
    }

    private BlobStream found(SourceResult<BlobStream> result) {
        return switch (result) {
            case Found<BlobStream>(BlobStream stream, SourceResult.Audience audience) -> {
                request.onFound().accept(audience);
                yield stream;
            }
            case NotFound<BlobStream>(String message) ->
                throw new ContentUnknown(
                        ContentUnknown.Kind.BLOB,
                        request.repository() + " has no " + request.digest() + ": " + message);
            case Unavailable<BlobStream>(UpstreamFailure failure) -> throw failure;
        };
    }

    private void fillFrom(BlobStream first) throws InterruptedException {
        PartialBlob partial;
        try {
            partial = store.begin(request.digest(), size.orElse(0));
        } catch (StoreFailure e) {
            fill.diskless(hash, size, first);
            throw e;
        }
        fill.opened(partial, size);
        try {
            drain(first, partial);
            while (size.isPresent() && written < size.getAsLong()) {
                drain(resume(), partial);
            }
        } catch (StoreFailure e) {
            fill.diskless(hash, size, null);
            throw e;
        }
        Digest actual = request.digest().finish(hash.digest());
        if (!actual.equals(request.digest())) {
            throw new IntegrityFailure(
                    request.repository().registry().value(), request.digest().toString(), actual.toString());
        }
        fill.verified();
        partial.commit();
    }

    /** Reads the stream to its end or to where it breaks; only a disk that fails and excess bytes are thrown. */
    private void drain(BlobStream open, PartialBlob partial) throws InterruptedException {
        long before = written;
        try (BlobStream stream = open) {
            long position = stream.offset();
            for (@Nullable ByteBuffer piece = stream.read(); piece != null; piece = stream.read()) {
                long skip = Math.min(written - position, piece.remaining());
                position += piece.remaining();
                piece.position(piece.position() + (int) skip);
                if (size.isPresent() && written + piece.remaining() > size.getAsLong()) {
                    throw new IntegrityFailure(
                            stream.host(), size.getAsLong() + " bytes of " + request.digest(), "more bytes");
                }
                keep(piece, partial);
            }
        } catch (UpstreamFailure e) {
            if (size.isEmpty()) {
                throw e;
            }
            // Taken up again by resume(), which gives up when that brings nothing.
        }
        barrenTries = written > before ? 0 : barrenTries + 1;
    }

    private void keep(ByteBuffer piece, PartialBlob partial) {
        int count = piece.remaining();
        partial.append(piece.duplicate());
        hash.update(piece);
        written += count;
        fill.progress(written);
    }

    private BlobStream resume() throws InterruptedException {
        while (true) {
            var pause = policy.resumeAfter(barrenTries)
                    .orElseThrow(() -> new UpstreamFailure(
                            UpstreamFailure.Kind.UNREACHABLE,
                            request.repository().registry().value(),
                            request.digest() + " broke off at byte " + written + " of " + size.orElse(-1)
                                    + " and could not be taken up again"));
            Pauses.pause(pause);
            SourceResult<BlobStream> result = open(written, Deadline.in(policy.firstByteCold()));
            if (result instanceof Found<BlobStream>(BlobStream stream, var _)) {
                if (stream.offset() <= written) {
                    return stream;
                }
                stream.close();
            }
            barrenTries++;
        }
    }

    private static UpstreamFailure malformed(BlobStream stream, String what) {
        return new UpstreamFailure(UpstreamFailure.Kind.MALFORMED, stream.host(), stream.host() + " " + what);
    }
}
