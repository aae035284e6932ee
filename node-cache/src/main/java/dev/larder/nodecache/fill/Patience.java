package dev.larder.nodecache.fill;

import dev.larder.nodecache.source.BlobStream;
import dev.larder.nodecache.source.Deadline;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a fill may go on hearing nothing, over all its streams together: a purse of silence that waits are paid from and
 * that bytes fill again, slowly. So a source that sends a little and stalls, again and again, uses it up as surely as one
 * that sends nothing, while a slow steady one never touches it. For one thread.
 */
final class Patience {

    /** Of the whole: shorter waits are the ordinary gaps of a slow line; and what a new stream costs. */
    private static final int GAP = 30;
    /** Of the whole: one stream is given up after so much, which leaves some for the next. */
    private static final int TRIES = 3;
    /** So many bytes earn one gap. */
    private static final long EARNING = 1 << 20;

    private long whole;
    private long left;

    /** @param whole the purse when full, and all that a fill without progress may wait */
    Patience(Duration whole) {
        this.whole = whole.toNanos();
        this.left = this.whole;
    }

    /** From now on for a source with another purse; the share that was used up stays used up. */
    void becomes(Duration otherWhole) {
        left = (long) ((double) left / whole * otherWhole.toNanos());
        whole = otherWhole.toNanos();
    }

    /** The next piece of a stream as {@link BlobStream#read} gives it. The wait is paid for; the piece earns nothing yet. */
    @Nullable
    ByteBuffer read(BlobStream stream) throws InterruptedException {
        long began = System.nanoTime();
        try {
            return stream.read(forOnePiece());
        } finally {
            waited(Duration.ofNanos(System.nanoTime() - began));
        }
    }

    /** A stream that is asked for. */
    interface Opening<T> {
        T within(Deadline deadline) throws InterruptedException;
    }

    /** The next stream. The wait is paid for. */
    <T> T open(Duration atMost, Opening<T> opening) throws InterruptedException {
        long began = System.nanoTime();
        try {
            return opening.within(Deadline.in(forOneStream(atMost)));
        } finally {
            waited(Duration.ofNanos(System.nanoTime() - began));
        }
    }

    Duration forOnePiece() {
        return Duration.ofNanos(Math.min(left, whole / TRIES));
    }

    Duration forOneStream(Duration atMost) {
        return Duration.ofNanos(Math.min(left, atMost.toNanos()));
    }

    void waited(Duration time) {
        if (time.toNanos() > whole / GAP) {
            left -= time.toNanos();
        }
    }

    /** A new stream in place of one that broke: also what breaks without any wait must come to an end. */
    void startedAgain() {
        left -= whole / GAP;
    }

    void received(int bytes) {
        left = Math.min(whole, left + whole / GAP * bytes / EARNING);
    }

    boolean isOver() {
        return left <= 0;
    }
}
