package dev.larder.operator.mirroredimage;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * Who may begin when: a few at once, then one after the other at an even pace, so that what has become due while nobody
 * worked does not all begin at once. Who would wait for long goes at a faster pace, so that a queue that always gets new
 * ones does not grow. Thread-safe.
 */
final class Turns {

    private final int atOnce;
    private final Duration pace;
    private final Duration longWait;
    private final Duration fastPace;

    /** Guarded by this, as is the rest: those that wait, and until when. */
    private final Map<String, Instant> waiting = new HashMap<>();

    private Instant next = Instant.MIN;

    /**
     * A queue.
     *
     * @param atOnce how many may begin together after a rest
     * @param pace between two others
     * @param longWait those that have to wait longer go at {@code fastPace}
     */
    Turns(int atOnce, Duration pace, Duration longWait, Duration fastPace) {
        this.atOnce = atOnce;
        this.pace = pace;
        this.longWait = longWait;
        this.fastPace = fastPace;
    }

    /** How long it is until this one's turn, which it has until it asks then; zero when it is now, and that is taken. */
    synchronized Duration untilTurnOf(String uid, Instant now) {
        Instant turn = waiting.get(uid);
        if (turn == null) {
            Instant earliest = now.minus(pace.multipliedBy(atOnce - 1L));
            turn = next.isBefore(earliest) ? earliest : next;
            next = turn.plus(turn.isAfter(now.plus(longWait)) ? fastPace : pace);
        }
        if (turn.isAfter(now)) {
            waiting.put(uid, turn);
            return Duration.between(now, turn);
        }
        waiting.remove(uid);
        return Duration.ZERO;
    }

    synchronized void forget(String uid) {
        waiting.remove(uid);
    }
}
