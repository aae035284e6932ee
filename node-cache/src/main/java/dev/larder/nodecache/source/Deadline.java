package dev.larder.nodecache.source;

import java.time.Duration;

/** The moment by which a wait must end, on the monotonic clock. */
public record Deadline(long nanoTime) {

    public static Deadline in(Duration wait) {
        return new Deadline(System.nanoTime() + wait.toNanos());
    }

    /** This one, or sooner. */
    public Deadline orIn(Duration wait) {
        Deadline other = in(wait);
        return other.nanoTime - nanoTime < 0 ? other : this;
    }

    /** Never negative. */
    public Duration remaining() {
        return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
    }

    public boolean isOver() {
        return remaining().isZero();
    }

    /** The end of an equal part of what remains, so that each of {@code parts} tries gets its turn. */
    public Deadline firstOf(int parts) {
        return in(remaining().dividedBy(parts));
    }
}
