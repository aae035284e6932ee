package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A blob being written: a file under {@code partial/} that becomes visible by one rename. Written by one thread, read by
 * others through {@link #openForReading}. The caller verifies the digest before it commits.
 */
public final class PartialBlob implements AutoCloseable {

    private final Path file;
    private final Path committed;
    private final FileChannel channel;
    private final Reservation room;
    private final Disk disk;
    private final Commit commit;
    private @Nullable BlobLease kept;
    private boolean closed;

    /** What a finished file is handed to. */
    interface Commit {
        /** @return a lease on it, or null when another file of this content was first */
        @Nullable
        BlobLease accept(Path finished, long size) throws IOException;
    }

    /** Who notices when the disk hangs, and who removes what is not kept. */
    record Disk(DiskWatch watch, Removals removals) {}

    PartialBlob(Path file, Path committed, FileChannel channel, Reservation room, Disk disk, Commit commit) {
        this.file = file;
        this.committed = committed;
        this.channel = channel;
        this.room = room;
        this.disk = disk;
        this.commit = commit;
    }

    /** @throws StoreFailure when there is no more room, or the disk fails; what was written before stays readable */
    public void append(ByteBuffer piece) {
        room.cover(piece.remaining());
        try (DiskWatch.Step _ = disk.watch().step()) {
            while (piece.hasRemaining()) {
                channel.write(piece);
            }
        } catch (IOException e) {
            throw failure("cannot write " + file, e);
        }
    }

    /**
     * Opens what has been written so far for one reader, also after commit; the caller closes it. Each reader needs its own,
     * since a thread that is interrupted while it reads closes the channel it reads from.
     */
    public FileChannel openForReading() {
        try {
            return FileChannel.open(file, StandardOpenOption.READ);
        } catch (NoSuchFileException renamed) {
            return openCommitted();
        } catch (IOException e) {
            throw failure("cannot read " + file, e);
        }
    }

    private FileChannel openCommitted() {
        try {
            return FileChannel.open(committed, StandardOpenOption.READ);
        } catch (IOException e) {
            throw failure("cannot read " + committed, e);
        }
    }

    /** Flushes to the disk and gives the blob its name; it stays leased until this is closed. */
    public void commit() {
        try {
            channel.force(true);
            kept = commit.accept(file, channel.size());
            if (kept != null) {
                room.keep();
            }
        } catch (IOException e) {
            throw failure("cannot keep " + file, e);
        }
    }

    /** Closes the file and removes it unless it was committed. More than once does no harm. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (kept != null) {
            kept.close();
        }
        disk.removals().later(this::settle);
    }

    private void settle() {
        try {
            channel.close();
        } catch (IOException e) {
            // What had to be on the disk has been flushed before.
        }
        if (kept == null) {
            disk.removals().remove(file, room::release);
        } // otherwise it is there under its own name, and counts
    }

    static void moveInto(Path from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IOException(from + " and " + to + " must be on one file system", e);
        }
    }

    static StoreFailure failure(String what, IOException e) {
        String reason = String.valueOf(e.getMessage());
        boolean full = reason.contains("No space left")
                || reason.toLowerCase(Locale.ROOT).contains("quota");
        return new StoreFailure(
                full ? StoreFailure.Kind.FULL : StoreFailure.Kind.IO,
                what + ": " + reason + (full ? "; free space there or lower storage.size" : ""),
                e);
    }
}
