package dev.larder.operator.cloud;

import java.time.Duration;
import java.time.Instant;
import java.util.function.DoubleSupplier;

/**
 * When a login is got anew: pure but for the jitter, which keeps many operators from asking at once.
 *
 * @param random from 0 to 1
 */
record RenewalPolicy(DoubleSupplier random) {

    private static final Duration SOONEST = Duration.ofSeconds(30);
    private static final Duration FIRST_RETRY = Duration.ofSeconds(10);
    private static final Duration LAST_RETRY = Duration.ofMinutes(10);

    /**
     * About half of its life after it was got, so that there is time to try again. A metadata server that hands out the same
     * token until shortly before its end is asked more and more often until then.
     */
    Instant renewal(Instant now, Instant expires) {
        Duration half = Duration.between(now, expires).dividedBy(2);
        Duration wait = jittered(half, 0.1);
        return now.plus(wait.compareTo(SOONEST) < 0 ? SOONEST : wait);
    }

    /** Later after each failure in a row, the first being 1. */
    Instant retry(Instant now, int failures) {
        Duration wait = FIRST_RETRY.multipliedBy(1L << Math.clamp(failures - 1L, 0, 10));
        return now.plus(jittered(wait.compareTo(LAST_RETRY) > 0 ? LAST_RETRY : wait, 0.2));
    }

    private Duration jittered(Duration duration, double share) {
        double factor = 1 - share + 2 * share * random.getAsDouble();
        return Duration.ofMillis(Math.round(duration.toMillis() * factor));
    }
}
