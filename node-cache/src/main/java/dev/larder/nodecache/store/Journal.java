package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The index on the disk: a snapshot and a log of what happened since, read in this order. Nobody who tells it something
 * waits for the disk; who must not go on before it is written calls {@link #flush}, so a process that is killed leaves
 * out no file: what it was in the middle of, {@link StoreRecovery} finds in the folder of partial blobs. Not flushed to the
 * disk itself at every change: after a crash of the machine, the blobs themselves are looked at.
 *
 * <pre>
 * index.snapshot   all that was true at some moment
 * index.old        the log until about that moment; there only while a new snapshot is written
 * index.log        the log since
 * </pre>
 */
final class Journal {

    /** Small beside any store, so that the index does not count. */
    private static final long WORTH_COMPACTING = 512 << 10;

    private final Path snapshot;
    private final Path old;
    private final Path log;
    private final StoreIndex index;

    /** Shared: one change, in the log and in memory. Exclusive: the moment at which a new log begins. */
    private final ReentrantReadWriteLock changes = new ReentrantReadWriteLock();

    private final JournalLog to;
    private volatile String boot = "";
    private volatile long snapshotBytes;

    /** Whether something is known in memory only, because a log went and no snapshot has come since. */
    private volatile boolean incomplete;

    Journal(StorePaths paths, StoreIndex index, DiskWatch watch) {
        this.snapshot = paths.root().resolve("index.snapshot");
        this.old = paths.root().resolve("index.old");
        this.log = paths.root().resolve("index.log");
        this.index = index;
        this.to = new JournalLog(log, old, watch);
    }

    /**
     * Takes up what is on the disk.
     *
     * @param currentBoot of the machine
     * @return whether the index is all there is; else it is what could be read, and the blobs must be looked at
     */
    boolean load(String currentBoot) {
        JournalReader reader = new JournalReader(index);
        boolean whole = reader.read(snapshot);
        // A snapshot ends with this, so one that is missing or cut off shows.
        whole &= index.trusts("");
        index.opened("");
        whole &= reader.read(old);
        whole &= reader.read(log);
        return whole && Files.exists(log) && index.trusts(currentBoot);
    }

    Path log() {
        return log;
    }

    /**
     * Begins to log, behind what is there, or with a new snapshot when that cannot be relied on. A disk that takes neither
     * now is tried again by {@link #tend}.
     */
    void open(String currentBoot, boolean trusted) {
        boot = currentBoot;
        try {
            if (trusted) {
                to.open();
                snapshotBytes = size(snapshot) + size(old);
                append(events -> events.opened(boot));
            } else {
                compact();
            }
        } catch (IOException | StoreFailure e) {
            to.fail("cannot write " + log + ": " + e.getMessage());
        }
    }

    private static long size(Path path) throws IOException {
        return Files.exists(path) ? Files.size(path) : 0;
    }

    /** Runs a change that is told to the log and made in memory, so that no snapshot can fall between the two. No I/O. */
    <T> T change(Supplier<T> step) {
        changes.readLock().lock();
        try {
            return step.get();
        } finally {
            changes.readLock().unlock();
        }
    }

    /** @throws StoreFailure when nothing can be written; nothing more is then, until {@link #compact} succeeds */
    void append(Consumer<JournalEvents> event) {
        to.append(event);
    }

    /** As {@link #append}; a failure is kept for {@link #tend}. */
    void note(Consumer<JournalEvents> event) {
        try {
            append(event);
        } catch (StoreFailure e) {
            // The state in memory goes on; the next snapshot has it.
        }
    }

    /** Returns when everything told so far is written: it then outlives this process. @throws StoreFailure if not */
    void flush() {
        to.flush();
    }

    /** Writes a new snapshot when the log has grown long, or cannot be written to. Called now and then by one thread. */
    void tend() {
        if (to.isClosed()) {
            return;
        }
        to.tend();
        if (incomplete || to.hasFailed() || to.bytes() > Math.max(WORTH_COMPACTING, snapshotBytes)) {
            try {
                compact();
            } catch (StoreFailure e) {
                // The disk's trouble shows in /status; the next look tries again.
            }
        }
    }

    /** @throws StoreFailure when it cannot be written; the files there stay in force */
    void compact() {
        try {
            begin();
            Path next = snapshot.resolveSibling("index.next");
            try (FileOutputStream out = new FileOutputStream(next.toFile());
                    BufferedOutputStream buffered = new BufferedOutputStream(out, 1 << 16)) {
                JournalWriter all = new JournalWriter(buffered);
                index.tell(all);
                all.closed();
                buffered.flush();
                out.getFD().sync();
            } catch (UncheckedIOException e) {
                throw Objects.requireNonNull(e.getCause());
            }
            Files.move(next, snapshot, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            append(events -> events.opened(boot));
            flush();
            incomplete = false;
            Files.deleteIfExists(old);
            snapshotBytes = size(snapshot);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IllegalStateException("one folder is one file system", e);
        } catch (IOException e) {
            throw PartialBlob.failure("cannot write " + snapshot, e);
        }
    }

    /** From here on all goes into a new log; what was in memory before will be in the snapshot. */
    private void begin() {
        // Only the snapshot before, the log that becomes the old one, and the new one are read: a second old one is
        // lost.
        boolean fits = !Files.exists(old);
        changes.writeLock().lock();
        try {
            incomplete |= !to.rotate(boot) || !fits;
        } finally {
            changes.writeLock().unlock();
        }
        flush();
    }

    /** Nothing can be appended any more. The next start may rely on what is on the disk, unless that is not all. */
    void close() {
        if (!incomplete) {
            note(JournalEvents::closed);
        }
        to.close();
    }
}
