package dev.larder.nodecache.source;

import java.time.Duration;
import java.util.Optional;

/**
 * How long to wait for a source and how often to try it again.
 *
 * @param firstByteWarm when there is a stored answer to fall back on
 * @param firstByteCold when there is none
 * @param idle between two pieces of a blob
 */
public record SourcePolicy(Duration firstByteWarm, Duration firstByteCold, Duration idle) {

    private static final int MAX_BARREN_TRIES = 3;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    /**
     * How long to wait before a broken stream is taken up again.
     *
     * @param barrenTries tries in a row that brought no byte, 0 when the last one did
     * @return empty to give up
     */
    public Optional<Duration> resumeAfter(int barrenTries) {
        return barrenTries >= MAX_BARREN_TRIES
                ? Optional.empty()
                : Optional.of(FIRST_PAUSE.multipliedBy(barrenTries * (long) barrenTries));
    }
}
