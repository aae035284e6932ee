package dev.larder.nodecache;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at files twice a second and says which changed. Looking, rather than inotify, sees every way of change alike: an
 * edit, a rename, and Kubernetes' swap of a symbolic link two folders up.
 */
final class FileWatcher implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(FileWatcher.class);
    private static final Duration EVERY = Duration.ofMillis(500);

    private final List<Watched> watched = new ArrayList<>();
    private final List<Runnable> lookers = new ArrayList<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("files").factory());

    private record Seen(Path real, Object key, long modified, long size) {}

    /** How files were at one moment. */
    static final class Look {
        private final List<Path> files;
        private final List<Seen> seen;

        private Look(List<Path> files) {
            this.files = List.copyOf(files);
            this.seen = FileWatcher.see(files);
        }

        /** To be taken before the files are read, so that no change between reading and watching is missed. */
        static Look at(List<Path> files) {
            return new Look(files);
        }
    }

    /** {@code seen} belongs to the timer's thread. */
    private static final class Watched {
        final List<Path> files;
        final Runnable changed;
        List<Seen> seen;

        Watched(Look before, Runnable changed) {
            this.files = before.files;
            this.changed = changed;
            this.seen = before.seen;
        }
    }

    /**
     * Before {@link #start}.
     *
     * @param changed called in the watcher's thread when one of the files is another than before and all are there
     */
    void watch(Look before, Runnable changed) {
        watched.add(new Watched(before, changed));
    }

    /**
     * Before {@link #start}.
     *
     * @param looker called in the watcher's thread each time, after the files
     */
    void eachTime(Runnable looker) {
        lookers.add(looker);
    }

    void start() {
        var _ = timer.scheduleWithFixedDelay(this::check, EVERY.toMillis(), EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void check() {
        for (Watched one : watched) {
            try {
                List<Seen> now = see(one.files);
                if (now.size() == one.files.size() && !now.equals(one.seen)) {
                    one.seen = now;
                    one.changed.run();
                }
            } catch (RuntimeException e) {
                // The timer would stop for good.
                LOG.atError().addKeyValue("files", one.files).setCause(e).log("reading files again failed");
            }
        }
        for (Runnable looker : lookers) {
            try {
                looker.run();
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("looking at files failed");
            }
        }
    }

    /** Without those that are missing, as one is in the instant between removal and return. */
    private static List<Seen> see(List<Path> files) {
        List<Seen> seen = new ArrayList<>();
        for (Path file : files) {
            try {
                Path real = file.toRealPath();
                BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
                seen.add(new Seen(
                        real,
                        String.valueOf(attributes.fileKey()),
                        attributes.lastModifiedTime().toMillis(),
                        attributes.size()));
            } catch (IOException e) {
                // Looked at again in a moment.
            }
        }
        return seen;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
