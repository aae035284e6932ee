package dev.larder.nodecache;

import dev.larder.nodecache.config.Problem;
import dev.larder.nodecache.containerd.HostsWriter;
import dev.larder.nodecache.containerd.HostsWriterReport;
import dev.larder.nodecache.containerd.Wanted;
import dev.larder.nodecache.log.LogLines;
import dev.larder.nodecache.watchdog.Health;
import dev.larder.nodecache.watchdog.Watchdog;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pod's second, small process. One thread watches the cache and ends it when it hangs; the main thread keeps the
 * hosts.toml files in step with what the watcher finds; SIGTERM takes every file back before the process ends.
 */
public final class HostsWriterMain {

    private static final Duration ROUND = Duration.ofSeconds(1);
    private static final Duration SIGNAL_LOST_AT_MOST = Duration.ofMillis(100);
    private static final Duration REPORT_AT_LEAST = Duration.ofMillis(1500);
    private static final Duration TAKE_BACK_WAITS = Duration.ofSeconds(5);
    private static final Logger LOG = LoggerFactory.getLogger(HostsWriterMain.class);

    private final HostsWriterSettings settings;
    private final Watchdog watchdog;
    private final HostsWriter writer;
    private final Clock clock = Clock.systemUTC();

    /** Guards everything below, and the node's files. */
    private final ReentrantLock lock = new ReentrantLock();

    private final Condition healthChanged = lock.newCondition();
    private @Nullable HostsWriterReport reported;
    private boolean reportFailed;
    private boolean stopping;

    private HostsWriterMain(HostsWriterSettings settings) throws IOException {
        this.settings = settings;
        this.watchdog = new Watchdog(settings.cache(), settings.cacheAuthority(), settings.runDirectory());
        this.writer = new HostsWriter(settings.resource(), settings.hostRoot(), clock);
    }

    public static void main(String[] arguments) {
        int status = run(List.of(arguments), System.out, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    private static int run(List<String> arguments, PrintStream out, PrintStream err) {
        switch (ProgramArguments.parse(arguments)) {
            case ProgramArguments.Help() ->
                out.print(
                        ProgramArguments.help("hosts-writer", "keeps containerd's hosts.toml in step with the cache"));
            case ProgramArguments.Version() -> out.println(Version.TEXT);
            case ProgramArguments.Wrong(String message) -> {
                err.println("hosts-writer: " + message);
                return 2;
            }
            case ProgramArguments.Run(Path config, boolean checkOnly) -> {
                List<Problem> problems = new ArrayList<>();
                Optional<HostsWriterSettings> settings = HostsWriterSettings.read(config, problems);
                if (settings.isEmpty()) {
                    problems.forEach(problem -> err.println("hosts-writer: " + config + ": " + problem));
                    return 2;
                }
                if (!checkOnly) {
                    return start(settings.get(), err);
                }
            }
        }
        return 0;
    }

    private static int start(HostsWriterSettings settings, PrintStream err) {
        try {
            Files.createDirectories(settings.runDirectory());
            new HostsWriterMain(settings).work();
            return 0;
        } catch (IOException e) {
            err.println("hosts-writer: cannot start: " + e);
            return 1;
        }
    }

    private void work() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::takeBack, "take-back"));
        Thread watcher = new Thread(this::watch, "watch");
        watcher.setDaemon(true);
        watcher.start();
        LOG.atInfo()
                .addKeyValue("resource", settings.resource())
                .addKeyValue("cache", settings.cache())
                .log("The hosts writer runs");
        lock.lock();
        try {
            while (!stopping) {
                Health health = watchdog.health();
                Wanted wanted = settings.wanted();
                if (health != Health.UNKNOWN || !wanted.manage()) {
                    report(writer.round(wanted, health == Health.SERVING, watchdog.message(), watchdog.kills()));
                }
                awaitNextRound(health);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    private void awaitNextRound(Health acted) throws InterruptedException {
        long left = ROUND.toNanos();
        while (left > 0 && watchdog.health() == acted && !stopping) {
            // Not all of it at once: the signal of a change between the question and the wait finds nobody.
            long part = Math.min(left, SIGNAL_LOST_AT_MOST.toNanos());
            left -= part - healthChanged.awaitNanos(part);
        }
    }

    /** Ends the process if it ever fails: files that nobody watches over must not stay, and a restart begins anew. */
    private void watch() {
        try {
            while (true) {
                Health before = watchdog.health();
                Duration pause = watchdog.step();
                if (watchdog.health() != before) {
                    signal();
                }
                LockSupport.parkNanos(pause.toNanos());
            }
        } catch (RuntimeException e) {
            LOG.error("The watcher has failed; the hosts writer starts again", e);
            System.exit(1);
        }
    }

    private void signal() {
        // a round in progress sees the change at its end, so there is nobody to wake then
        if (lock.tryLock()) {
            try {
                healthChanged.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void takeBack() {
        boolean held = false;
        try {
            held = lock.tryLock(TAKE_BACK_WAITS.toMillis(), TimeUnit.MILLISECONDS);
            if (!held) {
                LOG.error("A round hangs, most likely in the node's file system: hosts.toml files may be left");
                return;
            }
            stopping = true;
            HostsWriterReport last =
                    writer.restoreAll(settings.wanted(), watchdog.health() == Health.SERVING, watchdog.kills());
            report(last);
            LOG.atInfo().addKeyValue("restored", last.restored()).log("The hosts writer ends {}", last.message());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (held) {
                lock.unlock();
            }
            LogLines.flush();
        }
    }

    private void report(HostsWriterReport report) {
        HostsWriterReport before = reported;
        boolean news = before == null || !before.saysTheSame(report);
        // Also soon after the clock was set back.
        if (before != null
                && !news
                && Duration.between(before.updatedAt(), report.updatedAt())
                                .abs()
                                .compareTo(REPORT_AT_LEAST)
                        < 0) {
            return;
        }
        if (news) {
            LOG.atInfo().addKeyValue("report", report).log("The state of the node has changed");
        }
        try {
            report.write(settings.runDirectory());
            reported = report;
            reportFailed = false;
        } catch (IOException e) {
            if (!reportFailed) {
                LOG.error("Cannot write {} to {}", HostsWriterReport.NAME, settings.runDirectory(), e);
            }
            reportFailed = true;
        }
    }
}
