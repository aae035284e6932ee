package dev.larder.nodecache.fill;

import dev.larder.nodecache.error.StoreFailure;
import java.time.Duration;

/**
 * Whether the disk keeps up with the source: a pull must not be held to the pace of a slow disk when the source gives
 * more. For one fill, in one thread.
 */
final class DiskPace {

    /** Before that nothing is said: many a disk takes a breath now and then. */
    static final Duration GRACE = Duration.ofSeconds(2);
    /** A disk that takes more than this in a second is never called slow, however fast the source is. */
    static final long FAST_ENOUGH = 16 << 20;
    /** It counts when it makes the pull longer by about so many parts of one. */
    private static final int PARTS = 4;

    private long diskNanos;
    private long sourceNanos;
    private long bytes;

    /** For the source's next piece. */
    void waited(Duration time) {
        sourceNanos += time.toNanos();
    }

    void wrote(long count, Duration time) {
        bytes += count;
        diskNanos += time.toNanos();
    }

    /** @throws StoreFailure when the readers do better without the disk */
    void requireKeepsUp() {
        if (diskNanos > GRACE.toNanos() && sourceNanos * PARTS < diskNanos && rate() < FAST_ENOUGH) {
            throw new StoreFailure(
                    StoreFailure.Kind.IO,
                    "the disk takes " + rate() / 1024 + " KiB a second, and the source gives more",
                    null);
        }
    }

    private long rate() {
        return (long) (bytes / (diskNanos / 1e9));
    }
}
