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
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The writing side of a fill: source to partial file, hashing on the way, then verify and commit. Runs once, in a thread
 * of its own. A stream that breaks or stalls is taken up where it stopped, from whichever source gives it first, as long as
 * the fill's {@link Patience} lasts: a pull must not wait here much longer than it takes to go to the upstream by itself.
 */
final class FillTask {

    /** Readers are woken when nothing more is at hand, and otherwise after so many bytes. */
    private static final int TELL_EVERY = 1 << 20;

    private final Fill fill;
    private final FillRequest request;
    private final BlobStore store;
    private final SourcePolicy policy;
    private final Deadline firstByte;
    private final MessageDigest hash;
    private long written;
    private long told;
    private OptionalLong size = OptionalLong.empty();
    private final Patience patience;
    private final DiskPace pace = new DiskPace();
    private final Throttle throttle;
    private int barrenTries;

    FillTask(Fill fill, BlobStore store, Deadline firstByte) {
        this.fill = fill;
        this.request = fill.request();
        this.store = store;
        this.policy = request.policy();
        this.firstByte = firstByte;
        this.hash = request.digest().hasher();
        this.patience = new Patience(policy.idle());
        this.throttle = new Throttle(request.bytesPerSecond());
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
        PartialBlob partial = begin(first);
        BlobStream latest = first;
        try {
            drain(first, partial);
            while (size.isPresent() && written < size.getAsLong()) {
                latest = resume();
                drain(latest, partial);
            }
        } catch (StoreFailure e) {
            // Readers go on by themselves from just where the hash stands.
            tell();
            fill.diskless(hash, size, null);
            throw e;
        }
        Digest actual = request.digest().finish(hash.digest());
        if (!actual.equals(request.digest())) {
            // Of several, any may have sent the wrong ones.
            latest.blame(latest == first ? BlobStream.Fault.WRONG_BYTES : BlobStream.Fault.BROKE_OFF);
            throw new IntegrityFailure(
                    request.repository().registry().value(), request.digest().toString(), actual.toString());
        }
        fill.verified();
        partial.commit();
    }

    private PartialBlob begin(BlobStream first) {
        fill.toDisk(new Fill.DiskStep(System.nanoTime(), hash, 0, size, first));
        PartialBlob partial;
        try {
            partial = store.begin(request.digest(), size.orElse(0));
        } catch (StoreFailure e) {
            fill.diskless(hash, size, first);
            throw e;
        }
        try {
            fill.fromDisk();
        } catch (StoreFailure e) {
            partial.close();
            throw e;
        }
        fill.opened(partial, size);
        return partial;
    }

    /** Reads the stream to its end or to where it breaks; only a disk that fails and excess bytes are thrown. */
    private void drain(BlobStream open, PartialBlob partial) throws InterruptedException {
        long before = written;
        patience.becomes(open.idle());
        try (BlobStream stream = open) {
            copy(stream, partial);
        } catch (UpstreamFailure e) {
            open.blame(BlobStream.Fault.BROKE_OFF);
            if (size.isEmpty()) {
                throw e;
            }
            // Taken up again by resume(), which gives up when that brings nothing.
        }
        tell();
        barrenTries = written > before ? 0 : barrenTries + 1;
    }

    private void copy(BlobStream stream, PartialBlob partial) throws InterruptedException {
        long position = stream.offset();
        for (@Nullable ByteBuffer piece = next(stream); piece != null; piece = next(stream)) {
            long skip = Math.min(written - position, piece.remaining());
            position += piece.remaining();
            piece.position(piece.position() + (int) skip);
            if (size.isPresent() && written + piece.remaining() > size.getAsLong()) {
                stream.blame(stream.offset() == 0 ? BlobStream.Fault.WRONG_BYTES : BlobStream.Fault.BROKE_OFF);
                throw new IntegrityFailure(
                        stream.host(), size.getAsLong() + " bytes of " + request.digest(), "more bytes");
            }
            int count = piece.remaining();
            keep(piece, partial, stream);
            keepToBound(count);
        }
    }

    private void keepToBound(int count) throws InterruptedException {
        Duration wait = throttle.after(count, System.nanoTime());
        if (!wait.isZero()) {
            tell();
            fill.pause(wait);
        }
    }

    private void tell() {
        told = written;
        fill.progress(written);
    }

    private @Nullable ByteBuffer next(BlobStream stream) throws InterruptedException {
        long began = System.nanoTime();
        try {
            return patience.read(stream);
        } finally {
            pace.waited(Duration.ofNanos(System.nanoTime() - began));
        }
    }

    private void keep(ByteBuffer piece, PartialBlob partial, BlobStream stream) {
        int count = piece.remaining();
        long began = System.nanoTime();
        fill.toDisk(new Fill.DiskStep(began, hash, written, size, stream));
        partial.append(piece.duplicate());
        fill.fromDisk();
        pace.wrote(count, Duration.ofNanos(System.nanoTime() - began));
        written += count;
        patience.received(count);
        // Readers need not wait for the hash: what is held back from them until the verdict is the end.
        if (told == 0 || !stream.hasMore() || written - told >= TELL_EVERY) {
            tell();
        }
        hash.update(piece);
        pace.requireKeepsUp();
    }

    private BlobStream resume() throws InterruptedException {
        while (true) {
            Optional<Duration> pause = policy.resumeAfter(barrenTries);
            patience.startedAgain();
            if (pause.isEmpty() || patience.isOver()) {
                throw brokeOff();
            }
            Pauses.pause(pause.get());
            SourceResult<BlobStream> result =
                    patience.open(policy.firstByteCold(), deadline -> open(written, deadline));
            if (result instanceof Found<BlobStream>(BlobStream stream, var _)) {
                if (continues(stream)) {
                    return stream;
                }
                stream.blame(BlobStream.Fault.BROKE_OFF);
                stream.close();
            }
            barrenTries++;
        }
    }

    /** Whether it is the same blob as far as can be seen; the digest has the last word. */
    private boolean continues(BlobStream stream) {
        return stream.offset() <= written
                && (stream.totalSize().isEmpty() || stream.totalSize().equals(size));
    }

    private UpstreamFailure brokeOff() {
        return new UpstreamFailure(
                patience.isOver() ? UpstreamFailure.Kind.TIMEOUT : UpstreamFailure.Kind.UNREACHABLE,
                request.repository().registry().value(),
                request.digest() + " broke off at byte " + written + " of " + size.orElse(-1)
                        + (patience.isOver()
                                ? " too often or for too long; timeouts.idle says how long that may be"
                                : " and could not be taken up again"));
    }

    private static UpstreamFailure malformed(BlobStream stream, String what) {
        return new UpstreamFailure(UpstreamFailure.Kind.MALFORMED, stream.host(), stream.host() + " " + what);
    }
}
