package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * A blob being written: a file under {@code partial/} that becomes visible by one rename. Written by one thread, read by
 * others through {@link #read}. The caller verifies the digest before it commits.
 */
public final class PartialBlob implements AutoCloseable {

    private final Path file;
    private final FileChannel channel;
    private final Commit commit;

    /** What a finished file is handed to. */
    interface Commit {
        void accept(Path finished, long size) throws IOException;
    }

    PartialBlob(Path file, FileChannel channel, Commit commit) {
        this.file = file;
        this.channel = channel;
        this.commit = commit;
    }

    /** @throws StoreFailure when the disk is full or fails; what was written before stays readable */
    public void append(ByteBuffer piece) {
        try {
            while (piece.hasRemaining()) {
                channel.write(piece);
            }
        } catch (IOException e) {
            throw failure("cannot write " + file, e);
        }
    }

    /**
     * Reads into {@code target} from a place already written, also after commit.
     *
     * @return bytes read, at least 1
     */
    public int read(ByteBuffer target, long position) {
        try {
            int count = channel.read(target, position);
            if (count < 1) {
                throw new StoreFailure(StoreFailure.Kind.IO, file + " is shorter than what was written to it", null);
            }
            return count;
        } catch (IOException e) {
            throw failure("cannot read " + file, e);
        }
    }

    /** Flushes to the disk and gives the blob its name. Readers keep reading through this object until it is closed. */
    public void commit() {
        try {
            channel.force(true);
            commit.accept(file, channel.size());
        } catch (IOException e) {
            throw failure("cannot keep " + file, e);
        }
    }

    /** Closes the file and removes it unless it was committed. */
    @Override
    public void close() {
        try {
            channel.close();
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failure("cannot remove " + file, e);
        }
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
