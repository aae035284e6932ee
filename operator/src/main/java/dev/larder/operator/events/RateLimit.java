package dev.larder.operator.events;

import java.time.Duration;
import java.time.Instant;

/** A bucket of tokens that fills up again by one each interval. Not thread-safe: its owner's lock guards it. */
final class RateLimit {

    private final int burst;
    private final Duration interval;
    private int tokens;
    private Instant filledAt;

    RateLimit(int burst, Duration interval, Instant now) {
        this.burst = burst;
        this.interval = interval;
        this.tokens = burst;
        this.filledAt = now;
    }

    /** Takes a token, if there is one. */
    boolean take(Instant now) {
        long fresh = Math.max(0, Duration.between(filledAt, now).dividedBy(interval));
        tokens = (int) Math.min(burst, tokens + fresh);
        filledAt = filledAt.plus(interval.multipliedBy(fresh));
        if (tokens == 0) {
            return false;
        }
        tokens--;
        return true;
    }
}
