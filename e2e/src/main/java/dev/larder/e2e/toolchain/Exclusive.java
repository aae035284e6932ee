package dev.larder.e2e.toolchain;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** Work that one does at a time, between threads and between processes. */
public final class Exclusive {
    private static final Map<Path, ReentrantLock> LOCKS = new ConcurrentHashMap<>();

    private Exclusive() {}

    /** What is done under the lock. */
    public interface Work<T> {
        T get() throws IOException;
    }

    /**
     * Waits until nobody else has the lock: what holds it has limits of its own.
     *
     * @param lock a file that is made if it is not there, and stays
     */
    public static <T> T holding(Path lock, Work<T> work) {
        // A process must not ask for a file's lock that it has: its threads take turns before.
        ReentrantLock threads = LOCKS.computeIfAbsent(lock.toAbsolutePath(), path -> new ReentrantLock());
        threads.lock();
        try {
            Files.createDirectories(lock.toAbsolutePath().getParent());
            try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock held = channel.lock()) {
                if (!held.isValid()) {
                    throw new IOException("the lock " + lock + " was lost");
                }
                return work.get();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot work under the lock " + lock + ": " + e.getMessage(), e);
        } finally {
            threads.unlock();
        }
    }
}
