package dev.larder.nodecache.upstream;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Keeps a failing upstream from being asked again and again: after some failures in a row it opens for a while, then lets
 * one request through, and so on with growing pauses. Safe for many threads.
 */
final class Breaker {

    private static final int OPENS_AFTER = 3;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final Clock clock;
    private int failures;
    private Duration pause = FIRST_PAUSE;
    private Instant notBefore = Instant.MIN;

    Breaker(Clock clock) {
        this.clock = clock;
    }

    /** Whether a request may go out now. */
    synchronized boolean allows() {
        if (failures < OPENS_AFTER) {
            return true;
        }
        if (clock.instant().isBefore(notBefore)) {
            return false;
        }
        // This one is the probe; the next must wait for its outcome or for another pause.
        notBefore = clock.instant().plus(pause);
        return true;
    }

    synchronized void succeeded() {
        failures = 0;
        pause = FIRST_PAUSE;
    }

    synchronized void failed() {
        failures++;
        if (failures >= OPENS_AFTER) {
            notBefore = clock.instant().plus(pause);
            Duration longer = pause.multipliedBy(2);
            pause = longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
        }
    }
}
