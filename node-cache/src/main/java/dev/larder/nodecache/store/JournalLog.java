package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The file that events go to, in the order in which they are told, written by one thread of the disk's at a time. What
 * waits to be written is bounded: a disk that takes none of it for long makes the log fail as one that refuses it does.
 */
final class JournalLog {

    private static final int MAX_WAITING = 4 << 20;

    private final Path file;
    private final Path old;
    private final DiskWatch watch;
    private final Object lock = new Object();

    // All of these are guarded by lock.
    private final ByteArrayOutputStream fresh = new ByteArrayOutputStream();
    private final JournalWriter encoder = new JournalWriter(fresh);
    private final ArrayDeque<Work> waiting = new ArrayDeque<>();
    private String failure = "";
    private boolean opened;
    private boolean closed;
    private boolean writing;
    private long bytes;
    private long told;
    private long done;

    /** Belongs to whoever writes. */
    private @Nullable FileOutputStream out;

    private interface Work {
        void run() throws IOException;
    }

    JournalLog(Path file, Path old, DiskWatch watch) {
        this.file = file;
        this.old = old;
        this.watch = watch;
    }

    /** Goes on behind what is there. */
    void open() throws IOException {
        synchronized (lock) {
            reopen();
            bytes = Files.size(file);
            opened = true;
        }
    }

    private void reopen() throws IOException {
        if (out != null) {
            out.close();
        }
        out = new FileOutputStream(file.toFile(), true);
    }

    /** @throws StoreFailure when it has failed */
    void append(Consumer<JournalEvents> event) {
        synchronized (lock) {
            requireWell();
            if (!opened) {
                return; // a store that was not opened keeps its index in memory only
            }
            long before = encoder.written();
            event.accept(encoder);
            bytes += encoder.written() - before;
            if (fresh.size() > MAX_WAITING) {
                fail("more than " + MAX_WAITING + " bytes wait to be written to " + file);
                requireWell();
            }
            told++;
            kick();
        }
    }

    private void requireWell() {
        if (!failure.isEmpty()) {
            throw new StoreFailure(StoreFailure.Kind.IO, failure, null);
        }
    }

    /** Nothing more is written until {@link #rotate}. */
    void fail(String why) {
        synchronized (lock) {
            failure = why;
            fresh.reset();
            waiting.clear();
            done = told;
            lock.notifyAll();
        }
    }

    boolean hasFailed() {
        synchronized (lock) {
            return !failure.isEmpty();
        }
    }

    boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    long bytes() {
        synchronized (lock) {
            return bytes;
        }
    }

    /** Writes what is left over from a moment at which no thread was. */
    void tend() {
        synchronized (lock) {
            kick();
        }
    }

    /** Begins a new log behind everything told so far; whether all of that is in the log before it. */
    boolean rotate(String boot) {
        synchronized (lock) {
            // When the last attempt failed, its log goes, so until the snapshot is there nothing may be relied on.
            boolean whole = failure.isEmpty();
            failure = "";
            opened = true;
            enqueueFresh();
            waiting.add(() -> {
                boolean chained = whole && !Files.exists(old);
                if (Files.exists(file)) {
                    Files.move(file, old, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                }
                reopen();
                new JournalWriter(opened()).opened(chained ? boot : "");
            });
            bytes = 0;
            told++;
            kick();
            return whole;
        }
    }

    private FileOutputStream opened() throws IOException {
        if (out == null) {
            throw new IOException(file + " is not open");
        }
        return out;
    }

    private void enqueueFresh() {
        if (fresh.size() > 0) {
            byte[] piece = fresh.toByteArray();
            fresh.reset();
            waiting.add(() -> opened().write(piece));
        }
    }

    private void kick() {
        if (!writing && (fresh.size() > 0 || !waiting.isEmpty())) {
            writing = true;
            if (!watch.later(this::write)) {
                writing = false;
            }
        }
    }

    private void write() {
        while (true) {
            Work next;
            long reached;
            synchronized (lock) {
                if (waiting.isEmpty()) {
                    enqueueFresh();
                }
                if (waiting.isEmpty()) {
                    writing = false;
                    return;
                }
                reached = waiting.size() == 1 && fresh.size() == 0 ? told : done;
                next = waiting.remove();
            }
            try (DiskWatch.Step _ = watch.step()) {
                next.run();
                settle(reached);
            } catch (IOException e) {
                broken(e);
            } catch (UncheckedIOException e) {
                broken(Objects.requireNonNull(e.getCause()));
            }
        }
    }

    private void settle(long reached) {
        synchronized (lock) {
            done = Math.max(done, reached);
            lock.notifyAll();
        }
    }

    /** Half an event may be there, behind which nothing can be read; and a start must not rely on what is before it. */
    private void broken(IOException e) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException alsoFailed) {
            // Where nothing can be removed, nothing changes either.
        }
        fail(String.valueOf(PartialBlob.failure("cannot write " + file, e).getMessage()));
    }

    /** Waits until everything told so far is written. @throws StoreFailure when it is not, or not in time */
    void flush() {
        try {
            synchronized (lock) {
                long wanted = told;
                long end = System.nanoTime() + DiskWatch.PATIENCE.toNanos();
                while (done < wanted && failure.isEmpty()) {
                    kick();
                    long left = (end - System.nanoTime()) / 1_000_000;
                    if (left <= 0) {
                        throw new StoreFailure(
                                StoreFailure.Kind.IO,
                                file + " could not be written within " + DiskWatch.PATIENCE,
                                null);
                    }
                    lock.wait(left);
                }
                requireWell();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreFailure(StoreFailure.Kind.IO, "interrupted while " + file + " was being written", e);
        }
    }

    /** After what was told; on the disk itself when it returns, unless the disk does not answer. */
    void close() {
        synchronized (lock) {
            enqueueFresh();
            waiting.add(() -> {
                opened().getFD().sync();
                opened().close();
            });
            told++;
            kick();
            try {
                flush();
            } catch (StoreFailure e) {
                // The next start looks at the blobs themselves.
            }
            failure = "the store is closed";
            closed = true;
        }
    }
}
