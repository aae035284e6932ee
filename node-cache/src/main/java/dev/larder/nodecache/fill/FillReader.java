package dev.larder.nodecache.fill;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.SourcePolicy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One client's way through a fill: reads the partial file behind the writer, from any offset, and holds the last piece
 * back until the digest is verified. When the disk gives up, it goes on from the source directly and verifies by itself.
 * For one thread; must be closed.
 */
public final class FillReader implements AutoCloseable {

    /** What is held back: enough that small blobs are verified before anything of them is sent. */
    static final int LAST_PIECE = 64 * 1024;

    private final Fill fill;
    private final FillRequest request;
    private final SourcePolicy policy;
    private final boolean joined;
    private long position;
    private long end = -1;
    private @Nullable FileChannel file;
    private @Nullable DirectReader direct;

    FillReader(Fill fill, FillRequest request, boolean joined) {
        this.fill = fill;
        this.request = request;
        this.policy = request.policy();
        this.joined = joined;
    }

    /** Whether another request had started the fill. */
    public boolean joined() {
        return joined;
    }

    /** Whether the fill has ended in vain, so that the next to join begins another. */
    public boolean hasFailed() {
        return fill.now().state() == Fill.State.FAILED;
    }

    /** Whether the fill is of another repository, whose failure says nothing about this one. */
    public boolean isForeign() {
        return !fill.request().repository().equals(request.repository());
    }

    /**
     * Waits until the blob's size is known, which is also its first byte's arrival.
     *
     * @throws CacheException the fill's own failure, or a timeout
     */
    public long awaitSize(Deadline deadline) throws InterruptedException {
        Fill.View view = fill.awaitSize(deadline);
        if (view.failure() != null) {
            throw view.failure();
        }
        return view.size()
                .orElseThrow(() -> new UpstreamFailure(
                        UpstreamFailure.Kind.MALFORMED,
                        request.repository().registry().value(),
                        "the size of " + request.digest() + " is not known, so it cannot be passed on uncached"));
    }

    /**
     * Sets what to read, and waits until its beginning is there. A short piece is waited for whole, so that its failure is
     * known before any answer.
     *
     * @throws CacheException when the range cannot be given, or not in time, as soon as that is known
     */
    public void range(long from, long to, Deadline deadline) throws InterruptedException {
        position = from;
        end = to;
        Fill.View view = to - from > LAST_PIECE ? fill.awaitStart(from, deadline) : fill.awaitEnd(deadline);
        if (view.failure() != null) {
            throw view.failure();
        }
        requireVerifiable(view);
    }

    /** Whether everything of the range has been given out. */
    public boolean isDone() {
        return position >= end;
    }

    /** A part of a file, ready to be sent. The file stays open until the reader is closed. */
    public record Stretch(FileChannel file, long offset, long length) {}

    /**
     * Waits for what comes next and goes beyond it.
     *
     * @param most bytes at once
     * @return empty at the range's end, and when the rest is in no file and must be had by {@link #read}
     * @throws CacheException when the rest will not come; the response must then end short of its length
     */
    public Optional<Stretch> stretch(long most) throws InterruptedException {
        if (direct != null) {
            return Optional.empty();
        }
        long limit = inFile();
        if (limit <= position) {
            return Optional.empty();
        }
        Stretch stretch = new Stretch(open(), position, Math.min(most, limit - position));
        position += stretch.length();
        return Optional.of(stretch);
    }

    /** Waits for more of the range; up to where the file has it, which is no further than before when the rest is elsewhere. */
    private long inFile() throws InterruptedException {
        if (position >= end) {
            return end;
        }
        Fill.View view = fill.awaitBeyond(position, Deadline.in(patience()));
        while (view.state() == Fill.State.RUNNING && position >= end - LAST_PIECE) {
            // Only the held-back piece is left: waits for the verdict, as long as the fill makes progress.
            view = fill.awaitBeyond(view.written(), Deadline.in(patience()));
        }
        return switch (view.state()) {
            case FAILED -> throw Objects.requireNonNull(view.failure());
            case VERIFIED -> end;
            case WAITING, RUNNING -> Math.min(view.written(), end - LAST_PIECE);
            case DISKLESS -> {
                requireVerifiable(view);
                yield Math.min(view.written(), end);
            }
        };
    }

    /**
     * Reads on.
     *
     * @return bytes put into {@code target}, or -1 at the range's end
     * @throws CacheException when the rest will not come; the response must then end short of its length
     */
    public int read(ByteBuffer target) throws InterruptedException {
        if (position >= end) {
            return -1;
        }
        if (direct == null) {
            long limit = inFile();
            return position < limit ? readFile(target, limit) : goDirect(target);
        }
        return readDirect(target, direct);
    }

    // Beyond the writer's own patience, so that it is always first to say what went wrong.
    private Duration patience() {
        return policy.idle().multipliedBy(2).plus(policy.firstByteCold());
    }

    private int readFile(ByteBuffer target, long limit) {
        FileChannel in = open();
        int room = (int) Math.min(target.remaining(), limit - position);
        ByteBuffer slice = target.slice(target.position(), room);
        int count;
        try {
            count = in.read(slice, position);
        } catch (IOException e) {
            throw new StoreFailure(StoreFailure.Kind.IO, "cannot read what was just written: " + e.getMessage(), e);
        }
        if (count < 1) {
            throw new StoreFailure(StoreFailure.Kind.IO, "what was just written is not there", null);
        }
        target.position(target.position() + count);
        position += count;
        return count;
    }

    private FileChannel open() {
        FileChannel in = file;
        if (in == null) {
            in = Objects.requireNonNull(fill.file()).openForReading();
            file = in;
        }
        return in;
    }

    private int goDirect(ByteBuffer target) throws InterruptedException {
        direct = new DirectReader(request, policy, fill.hashSoFar(), position, end, fill.takeRest());
        return readDirect(target, direct);
    }

    /** Without the disk, only who reads on to the blob's end from where the hash of what was written ends can verify it. */
    private void requireVerifiable(Fill.View view) {
        boolean verifiable = end == view.size().orElse(-1) && position <= view.written();
        if (view.state() == Fill.State.DISKLESS && !verifiable) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.UNREACHABLE,
                    request.repository().registry().value(),
                    "a part of " + request.digest() + " cannot be verified while the disk does not take the whole");
        }
    }

    private int readDirect(ByteBuffer target, DirectReader from) throws InterruptedException {
        int count = from.read(target);
        position += count;
        return count;
    }

    @Override
    public void close() {
        try {
            if (direct != null) {
                direct.close();
            }
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw new StoreFailure(StoreFailure.Kind.IO, "cannot close a partial blob: " + e.getMessage(), e);
        } finally {
            fill.leave();
        }
    }
}
