package dev.larder.nodecache.watchdog;

import dev.larder.nodecache.watchdog.CacheProbe.Answer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the node cache: {@link #step} asks it once, and ends it with SIGKILL when it is hung, because a pull that waits
 * on an open connection waits for half a minute or more, while one whose connection closes goes on to the upstream at
 * once. One thread calls step, over and over, {@link #INTERVAL} apart; any thread may read the rest.
 */
public final class Watchdog {

    /** With {@link #TIMEOUT} and the run of silent probes: hung is known 0.6 to 0.72 s after it began. */
    static final Duration INTERVAL = Duration.ofMillis(120);

    static final Duration TIMEOUT = Duration.ofMillis(200);

    /** Beyond what a probe may take: then it was us who were not running. */
    private static final Duration LATE = Duration.ofMillis(120);

    /** A process that has not answered yet gets this long to begin. */
    private static final Duration START_GRACE = Duration.ofSeconds(15);

    /** Another process cannot take the port between two answers; this is for a file that somebody rewrote. */
    private static final int PROBES_BY_ONE_LOOK = 16;

    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);

    private final CacheProbe probe;
    private final Path runDirectory;
    private final LongSupplier nanoTime;
    private final HangJudge judge = new HangJudge();
    private @Nullable PidFile answered;
    private int probes;
    private long previousBegin;
    private volatile Health health = Health.UNKNOWN;
    private final AtomicInteger kills = new AtomicInteger();
    private volatile String message = "";

    /**
     * @param address where containerd reaches the cache
     * @param authority of the certificate that the cache shows there, PEM; empty when it listens without TLS
     * @param runDirectory where the cache says which process it is
     */
    public Watchdog(InetSocketAddress address, Optional<Path> authority, Path runDirectory) {
        this(new CacheProbe(address, TIMEOUT, authority), runDirectory, System::nanoTime);
    }

    Watchdog(CacheProbe probe, Path runDirectory, LongSupplier nanoTime) {
        this.probe = probe;
        this.runDirectory = runDirectory;
        this.nanoTime = nanoTime;
        this.previousBegin = nanoTime.getAsLong();
    }

    public Health health() {
        return health;
    }

    /** Processes ended so far. */
    public int kills() {
        return kills.get();
    }

    /** Why a hung process could not be ended; empty when all is well. */
    public String message() {
        return message;
    }

    /**
     * Asks once; takes no longer than a probe's timeout and a little.
     *
     * @return how long to wait before the next time
     */
    public Duration step() {
        long begin = nanoTime.getAsLong();
        Duration since = Duration.ofNanos(begin - previousBegin);
        previousBegin = begin;
        Answer answer = probe.ask();
        Duration took = Duration.ofNanos(nanoTime.getAsLong() - begin);
        if (answer == Answer.SILENT) {
            boolean late = took.compareTo(TIMEOUT.plus(LATE)) > 0
                    || since.compareTo(INTERVAL.plus(TIMEOUT).plus(LATE)) > 0;
            silent(took, late);
        } else {
            if (answer == Answer.SERVES) {
                message = "";
                if (answered == null || ++probes % PROBES_BY_ONE_LOOK == 0) {
                    answered = process().orElse(null); // a cache may listen before it says who it is
                }
            }
            if (answer != Answer.SERVES) {
                answered = null;
            }
            judge.answered(answer);
        }
        health = judge.health();
        return answer == Answer.SILENT ? Duration.ZERO : INTERVAL;
    }

    private void silent(Duration took, boolean late) {
        Optional<PidFile> process = process();
        if (judge.silent(took, late, sample(process))) {
            health = judge.health();
            try {
                if (process.isEmpty()) {
                    message = "the cache is hung and cannot be ended: there is no " + runDirectory.resolve(PidFile.NAME)
                            + " that says which process it is";
                } else if (process.get().equals(answered) || process.get().age().compareTo(START_GRACE) > 0) {
                    end(process.get());
                }
            } catch (IOException e) {
                message = "the cache is hung and cannot be ended: " + e;
            }
        }
    }

    private Optional<PidFile> process() {
        try {
            return PidFile.read(runDirectory);
        } catch (IOException e) {
            message = "cannot read " + runDirectory.resolve(PidFile.NAME) + ": " + e;
            return Optional.empty();
        }
    }

    /** Empty when there is nothing to read: then silence alone decides. */
    private static ProcessSample sample(Optional<PidFile> process) {
        try {
            return process.isPresent() ? ProcessSample.of(process.get().pid()) : new ProcessSample(Map.of());
        } catch (IOException e) {
            return new ProcessSample(Map.of());
        }
    }

    private void end(PidFile process) throws IOException {
        if (!process.isRunning()) {
            message = "the cache is hung and cannot be ended: process " + process.pid() + " of "
                    + runDirectory.resolve(PidFile.NAME) + " is another one now";
            return;
        }
        boolean sent = ProcessHandle.of(process.pid())
                .map(ProcessHandle::destroyForcibly)
                .orElse(false);
        if (sent) {
            kills.incrementAndGet();
            message = "";
            judge.ended();
            LOG.atWarn().addKeyValue("pid", process.pid()).log("The node cache was hung and has been ended");
        } else {
            message = "the cache is hung and cannot be ended: no permission to send SIGKILL to process " + process.pid()
                    + "; the container needs the capability KILL and the pod shareProcessNamespace";
        }
    }
}
