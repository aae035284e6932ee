package dev.larder.nodecache.source;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Keeps what fails from being tried again and again: after some failures in a row it opens for a while, then lets one
 * through as a probe, and so on with pauses that grow with each probe that fails. Safe for many threads.
 */
public final class Breaker {

    private final Clock clock;
    private final int opensAfter;
    private final Duration firstPause;
    private final Duration longestPause;
    private int failures;
    private Duration pause;
    private Instant notBefore = Instant.MIN;
    /** Whether one was let through as a probe and nobody has said yet that it failed. */
    private boolean probing;

    /** As one server's answers are judged: not by a single accident, and asked again soon. */
    public static Breaker ofServer(Clock clock) {
        return new Breaker(clock, 3, Duration.ofSeconds(1), Duration.ofSeconds(15));
    }

    /** @param opensAfter so many failures in a row; at least 1 */
    public Breaker(Clock clock, int opensAfter, Duration firstPause, Duration longestPause) {
        this.clock = clock;
        this.opensAfter = opensAfter;
        this.firstPause = firstPause;
        this.longestPause = longestPause;
        this.pause = firstPause;
    }

    /** Whether a try may be made now. */
    public synchronized boolean allows() {
        if (failures < opensAfter) {
            return true;
        }
        if (clock.instant().isBefore(notBefore)) {
            return false;
        }
        // This one is the probe; the next must wait for its outcome or for another pause.
        probing = true;
        notBefore = clock.instant().plus(pause);
        return true;
    }

    /** Whether a try would be refused now. Takes nobody's turn as the probe. */
    public synchronized boolean isOpen() {
        return failures >= opensAfter && clock.instant().isBefore(notBefore);
    }

    public synchronized void succeeded() {
        failures = 0;
        pause = firstPause;
        probing = false;
    }

    public synchronized void failed() {
        boolean wasOpen = failures >= opensAfter;
        if (wasOpen && !probing) {
            // It began before the others failed, perhaps of the same accident, and tells nothing new.
            return;
        }
        probing = false;
        failures++;
        if (failures >= opensAfter) {
            notBefore = clock.instant().plus(pause);
            Duration longer = pause.multipliedBy(2);
            pause = longer.compareTo(longestPause) > 0 ? longestPause : longer;
        }
    }
}
