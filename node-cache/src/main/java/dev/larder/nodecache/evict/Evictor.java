package dev.larder.nodecache.evict;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.store.DiskBlobStore;
import dev.larder.nodecache.store.RoomMaker;
import dev.larder.nodecache.store.StoreProbe;
import dev.larder.nodecache.store.StoreUse;
import java.util.ArrayDeque;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/** Makes room before a blob is begun, and again whenever it is asked to look. One at a time. */
public final class Evictor implements RoomMaker {

    /** So many are chosen in one look at all blobs. */
    private static final int PLAN = 4096;

    /** What the index takes for a blob, and some. */
    private static final long MEMORY_OF_A_BLOB = 200;

    private final DiskBlobStore store;
    private final Supplier<StoreProbe.Space> disk;
    private final Runnable onEvicted;
    private final int maxBlobs;
    private final ReentrantLock one = new ReentrantLock();

    /** Who goes next; what was used since is passed over. Guarded by {@link #one}. */
    private final ArrayDeque<Digest> due = new ArrayDeque<>();

    private volatile Function<Long, StorageBudget> budget;

    /**
     * @param disk how things stand on the file system now
     * @param budget from the file system's total size
     * @param onEvicted told of every blob that went
     */
    public Evictor(
            DiskBlobStore store,
            Supplier<StoreProbe.Space> disk,
            Function<Long, StorageBudget> budget,
            Runnable onEvicted) {
        this(store, disk, budget, onEvicted, maxBlobs(Runtime.getRuntime().maxMemory()));
    }

    Evictor(
            DiskBlobStore store,
            Supplier<StoreProbe.Space> disk,
            Function<Long, StorageBudget> budget,
            Runnable onEvicted,
            int maxBlobs) {
        this.store = store;
        this.disk = disk;
        this.budget = budget;
        this.onEvicted = onEvicted;
        this.maxBlobs = maxBlobs;
    }

    /** So many that their index fills no more than half of the heap. */
    private static int maxBlobs(long heap) {
        return (int) Math.min(heap / 2 / MEMORY_OF_A_BLOB, Integer.MAX_VALUE);
    }

    /** Applies to the next blob. */
    public void budget(Function<Long, StorageBudget> next) {
        budget = next;
    }

    public StorageBudget budget() {
        return budget.apply(disk.get().total());
    }

    @Override
    public boolean reserve(long bytes, boolean mayEvict) {
        one.lock();
        try {
            boolean room = couldHold(bytes) && (mayEvict ? evictFor(bytes) : excess(bytes) <= 0);
            if (room) {
                store.use().take(bytes);
            }
            return room;
        } finally {
            one.unlock();
        }
    }

    @Override
    public boolean couldHold(long bytes) {
        return bytes <= budget().sizeBytes();
    }

    /**
     * Brings the store back within its bounds, which others may have changed by filling the disk. The bounds count more
     * than pins: when nothing else is left, pinned images go too.
     */
    public void tend() {
        one.lock();
        try {
            boolean more = true;
            while (!evictFor(0) && more) {
                // With a manifest goes what pinned the rest of its image.
                more = evict(new Goal(excess(0)), new ArrayDeque<>(store.oldest(PLAN, true)), true);
            }
        } finally {
            one.unlock();
        }
    }

    private boolean evictFor(long bytes) {
        Goal goal = new Goal(excess(bytes));
        if (bytes > 0 && goal.excess > 0 && store.evictableBytes() < goal.excess) {
            return false; // then nothing need go for it either
        }
        boolean somethingGoes = true;
        while (!goal.isReached() && somethingGoes) {
            if (due.isEmpty()) {
                due.addAll(store.oldest(PLAN, false));
                somethingGoes = evict(goal, due, false);
            } else {
                evict(goal, due, false);
            }
        }
        return goal.isReached();
    }

    /** @return whether anything went */
    private boolean evict(Goal goal, ArrayDeque<Digest> candidates, boolean pinned) {
        boolean evicted = false;
        while (!goal.isReached() && !candidates.isEmpty()) {
            if (store.evict(candidates.remove(), pinned)) {
                evicted = true;
                onEvicted.run();
            }
        }
        return evicted;
    }

    /** So much less than now. Not measured again: file systems report freed blocks late, and too much would go. */
    private final class Goal {
        private final long before = store.use().held();
        private final long excess;

        Goal(long excess) {
            this.excess = excess;
        }

        boolean isReached() {
            return before - store.use().held() >= excess && store.blobs() <= maxBlobs;
        }
    }

    private long excess(long bytes) {
        StoreProbe.Space space = disk.get();
        StoreUse use = store.use();
        return budget.apply(space.total()).excess(use.held(), space.free() - use.unwritten(), bytes);
    }
}
