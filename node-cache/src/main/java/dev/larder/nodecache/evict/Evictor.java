package dev.larder.nodecache.evict;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.store.DiskBlobStore;
import dev.larder.nodecache.store.RoomMaker;
import dev.larder.nodecache.store.StoreProbe;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/** Makes room before a blob is begun, and again whenever it is asked to look. One at a time. */
public final class Evictor implements RoomMaker {

    private final DiskBlobStore store;
    private final StoreProbe probe;
    private final Runnable onEvicted;
    private final ReentrantLock one = new ReentrantLock();
    private volatile Function<Long, StorageBudget> budget;

    /**
     * @param budget from the file system's total size
     * @param onEvicted told of every blob that went
     */
    public Evictor(DiskBlobStore store, StoreProbe probe, Function<Long, StorageBudget> budget, Runnable onEvicted) {
        this.store = store;
        this.probe = probe;
        this.budget = budget;
        this.onEvicted = onEvicted;
    }

    /** Applies to the next blob. */
    public void budget(Function<Long, StorageBudget> next) {
        budget = next;
    }

    public StorageBudget budget() {
        return budget.apply(probe.space().total());
    }

    @Override
    public boolean makeRoom(long bytes) {
        one.lock();
        try {
            StoreProbe.Space space = probe.space();
            StorageBudget bounds = budget.apply(space.total());
            if (bytes > bounds.sizeBytes()) {
                return false;
            }
            long excess = bounds.excess(store.usedBytes(), space.free(), bytes);
            long toFree = excess;
            if (excess > 0) {
                for (Digest victim : EvictionPolicy.victims(store.list(), excess)) {
                    long before = store.usedBytes();
                    if (store.delete(victim)) {
                        toFree -= before - store.usedBytes();
                        onEvicted.run();
                    }
                }
            }
            return toFree <= 0;
        } finally {
            one.unlock();
        }
    }
}
