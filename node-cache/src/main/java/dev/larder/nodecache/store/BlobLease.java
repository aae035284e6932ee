package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Keeps a blob's file in place while it is served. Close it once done; closing twice is harmless. */
public final class BlobLease implements AutoCloseable {

    /** As the system says it of a file, never of a connection; and what Netty says of one that is too short. */
    private static final Pattern BAD_DISK = Pattern.compile(
            "Input/output error|Structure needs cleaning|Stale file handle|No data available|Underlying file size"
                    + "|Is a directory|Not a directory");

    private final Digest digest;
    private final Path file;
    private final long size;
    private final Runnable release;
    private final Runnable forget;
    private final AtomicBoolean closed = new AtomicBoolean();

    /** The file has been read, and is not the blob. */
    private static final class NotTheBlob extends IOException {
        private static final long serialVersionUID = 1L;

        NotTheBlob(String message) {
            super(message);
        }
    }

    BlobLease(Digest digest, Path file, long size, Runnable release, Runnable forget) {
        this.digest = digest;
        this.file = file;
        this.size = size;
        this.release = release;
        this.forget = forget;
    }

    public Digest digest() {
        return digest;
    }

    public Path file() {
        return file;
    }

    public long size() {
        return size;
    }

    /**
     * Opens the file; the caller closes it.
     *
     * @throws StoreFailure when it cannot be read; if that is because it is missing or bad, the blob is forgotten, so that
     *     the next request fetches it
     */
    public FileChannel open() {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(file, StandardOpenOption.READ);
            if (channel.size() != size) {
                throw new NotTheBlob("it has " + channel.size() + " bytes instead of " + size);
            }
            return channel;
        } catch (IOException e) {
            close(channel);
            throw unreadable(e);
        }
    }

    /**
     * The file was being read and it failed: the blob is forgotten if that was the disk's doing, so that the next request
     * fetches it. Does not wait for the disk.
     */
    public void failed(FileChannel channel, Throwable cause) {
        boolean cutOff;
        try {
            cutOff = channel.size() < size;
        } catch (IOException e) {
            cutOff = false;
        }
        if (cutOff || isBadDisk(cause)) {
            forget.run();
        }
    }

    /**
     * All of its bytes, checked against its digest.
     *
     * @throws StoreFailure as {@link #open} does
     */
    public byte[] read() {
        try {
            byte[] bytes = Files.readAllBytes(file);
            if (!digest.of(bytes).equals(digest)) {
                throw new NotTheBlob("its bytes are not those that its digest names");
            }
            return bytes;
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private StoreFailure unreadable(IOException why) {
        // An interrupt of the reader, or too many open files, say nothing about this one.
        if (why instanceof NotTheBlob || why instanceof NoSuchFileException || isBadDisk(why)) {
            forget.run();
        }
        return PartialBlob.failure("cannot read " + file, why);
    }

    private static boolean isBadDisk(Throwable why) {
        return BAD_DISK.matcher(String.valueOf(why.getMessage())).find();
    }

    private static void close(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // It was only read.
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release.run();
        }
    }
}
