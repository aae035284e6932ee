package dev.larder.nodecache.watchdog;

import dev.larder.nodecache.watchdog.CacheProbe.Answer;
import dev.larder.nodecache.watchdog.ProcessSample.ThreadSample;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Decides from one probe after the other; no I/O, no clock.
 *
 * <p>A short run of silent probes means hung, for a pause of the collector is shorter than that. A silent probe does not
 * count when there is another reason for it: we ourselves were late, or a thread of the cache was waiting for a CPU, or
 * for a disk that goes on answering. Such reasons are good for a few seconds only: after those the pulls that wait
 * matter more.
 */
final class HangJudge {

    static final int SILENT_RUN = 3;
    static final int CLOSED_RUN = 2;
    static final int SERVING_RUN = 2;
    static final Duration WITHDRAW_AFTER = Duration.ofMillis(1200);
    static final Duration EXCUSED_AT_MOST = Duration.ofSeconds(5);

    private Health health = Health.UNKNOWN;
    private int serving;
    private int closed;
    private int silent;
    private Duration silence = Duration.ZERO;
    private @Nullable ProcessSample previous;

    Health health() {
        return health;
    }

    /** A probe got an answer, or at once none: whatever it was, nobody waits. */
    void answered(Answer answer) {
        silent = 0;
        silence = Duration.ZERO;
        previous = null;
        if (answer == Answer.SERVES) {
            closed = 0;
            serving++;
            if (serving >= SERVING_RUN) {
                health = Health.SERVING;
            }
        } else {
            serving = 0;
            closed++;
            if (closed >= CLOSED_RUN) {
                health = Health.TROUBLED;
            }
        }
    }

    /**
     * A probe got no answer.
     *
     * @param since the previous probe began
     * @param late our own clock says that we were not running for a part of it
     * @param now the cache's threads after the probe
     * @return whether the process is hung
     */
    boolean silent(Duration since, boolean late, ProcessSample now) {
        serving = 0;
        closed = 0;
        silence = silence.plus(since);
        boolean excused = late || (previous != null && (starved(previous, now, since) || diskBound(previous, now)));
        previous = now;
        if (!excused) {
            silent++;
        }
        boolean hung = silent >= SILENT_RUN || (silence.compareTo(EXCUSED_AT_MOST) >= 0 && !late);
        if (hung || silence.compareTo(WITHDRAW_AFTER) >= 0) {
            health = Health.TROUBLED;
        }
        return hung;
    }

    /** After the process has been ended: what comes next is another one. */
    void ended() {
        health = Health.TROUBLED;
        silent = 0;
        silence = Duration.ZERO;
        previous = null;
    }

    /** Some thread was ready to run and had to wait for a good part of the time. */
    static boolean starved(ProcessSample before, ProcessSample now, Duration between) {
        long nanos = between.toNanos();
        for (Map.Entry<Long, ThreadSample> entry : now.threads().entrySet()) {
            ThreadSample thread = entry.getValue();
            ThreadSample earlier = before.threads().get(entry.getKey());
            if (earlier == null) {
                continue;
            }
            long waited = thread.waitedNanos() - earlier.waitedNanos();
            long ran = thread.ranNanos() - earlier.ranNanos();
            boolean waitingAllAlong = thread.state() == 'R' && earlier.state() == 'R' && ran < nanos / 10;
            if (waited >= nanos / 4 || waitingAllAlong) {
                return true;
            }
        }
        return false;
    }

    /** Some thread waits for a disk, and has come back from it in between: slow, not hung. */
    static boolean diskBound(ProcessSample before, ProcessSample now) {
        return now.threads().entrySet().stream().anyMatch(entry -> {
            ThreadSample earlier = before.threads().get(entry.getKey());
            return earlier != null
                    && (entry.getValue().state() == 'D' || earlier.state() == 'D')
                    && entry.getValue().turns() - earlier.turns() >= 2;
        });
    }
}
