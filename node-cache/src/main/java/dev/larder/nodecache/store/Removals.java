package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Files that are to go. One that a failing disk keeps goes on counting, and is tried again; at the latest the next start
 * removes it. Safe for many threads.
 */
final class Removals {

    private final ConcurrentLinkedQueue<Removal> left = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<Runnable> postponed = new ConcurrentLinkedQueue<>();
    private final DiskWatch watch;
    private final Journal journal;

    private record Removal(Path file, Runnable freed) {}

    Removals(DiskWatch watch, Journal journal) {
        this.watch = watch;
        this.journal = journal;
    }

    /** @param freed called once, when the file is not there any more */
    void remove(Path file, Runnable freed) {
        Removal removal = new Removal(file, freed);
        if (!isDone(removal)) {
            left.add(removal);
        }
    }

    /** Runs work of this kind for a caller that must not wait for the disk. */
    void later(Runnable work) {
        if (!watch.later(() -> attempt(work))) {
            postponed.add(work);
        }
    }

    private void attempt(Runnable work) {
        try {
            work.run();
        } catch (StoreFailure e) {
            postponed.add(work);
        }
    }

    void tryAgain() {
        for (int n = postponed.size(); n > 0; n--) {
            Runnable work = postponed.poll();
            if (work != null) {
                attempt(work);
            }
        }
        left.removeIf(this::isDone);
    }

    private boolean isDone(Removal removal) {
        try (DiskWatch.Step _ = watch.step()) {
            flushJournal();
            Files.deleteIfExists(removal.file());
        } catch (IOException e) {
            return false;
        }
        removal.freed().run();
        return true;
    }

    /** A file's name is what a start after a kill goes by, as long as the journal does not say that it went. */
    private void flushJournal() {
        try {
            journal.flush();
        } catch (StoreFailure e) {
            // It cannot be relied on any more then; and on a full disk only what goes now makes room for it.
        }
    }
}
