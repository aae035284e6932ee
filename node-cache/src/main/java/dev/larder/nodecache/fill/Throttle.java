package dev.larder.nodecache.fill;

import java.time.Duration;

/**
 * How long to wait between pieces, so that no more than so many bytes are taken a second: pure. Time that was not used is
 * not saved up. For one thread.
 */
final class Throttle {

    private static final long SECOND = 1_000_000_000;

    private final long bytesPerSecond;
    private long free;
    private boolean begun;

    /** @param bytesPerSecond 0: no bound */
    Throttle(long bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /**
     * What the bytes just taken cost.
     *
     * @param now by {@link System#nanoTime}
     */
    Duration after(int bytes, long now) {
        if (bytesPerSecond == 0) {
            return Duration.ZERO;
        }
        free = (begun && free - now > 0 ? free : now) + bytes * SECOND / bytesPerSecond;
        begun = true;
        return Duration.ofNanos(free - now);
    }
}
