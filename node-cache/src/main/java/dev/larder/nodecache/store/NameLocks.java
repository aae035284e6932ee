package dev.larder.nodecache.store;

import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;

/** Who holds the lock of a digest may give a file its name, or take it away. May be held while the disk works. */
final class NameLocks {

    /** Locks for so many groups of digests. */
    private static final int GROUPS = 64;

    private final List<ReentrantLock> groups =
            Stream.generate(ReentrantLock::new).limit(GROUPS).toList();

    /** Until it is closed. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    Held lock(BlobKey key) {
        ReentrantLock lock = groups.get(Math.floorMod(key.hashCode(), GROUPS));
        lock.lock();
        return lock::unlock;
    }
}
