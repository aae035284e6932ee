package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;

/** The room one partial blob has taken. Grows when the blob turns out larger than announced. For one thread. */
final class Reservation {

    private static final long STEP = 1 << 20;

    private final StoreUse use;
    private final boolean mayEvict;
    private long taken;
    private long written;

    private Reservation(StoreUse use, boolean mayEvict) {
        this.use = use;
        this.mayEvict = mayEvict;
    }

    /**
     * @param size 0 when it is not known
     * @param mayEvict whether others may have to go for it
     * @throws StoreFailure when there is no room
     */
    static Reservation of(StoreUse use, long size, boolean mayEvict) {
        Reservation reservation = new Reservation(use, mayEvict);
        reservation.grow(StoreUse.onDisk(size));
        return reservation;
    }

    /** Called before the bytes are written. */
    void cover(int bytes) {
        long needed = StoreUse.onDisk(written + bytes);
        if (needed > taken) {
            grow(Math.max(needed, taken + STEP) - taken);
        }
        written += bytes;
        use.wrote(bytes);
    }

    private void grow(long bytes) {
        if (bytes > 0 && !use.reserve(bytes, mayEvict)) {
            throw new StoreFailure(
                    StoreFailure.Kind.FULL,
                    "no room for " + bytes
                            + " bytes more within storage.size and storage.minFree, and nothing left to evict",
                    null);
        }
        taken += bytes;
    }

    /** The file stays: what it does not occupy is given back. */
    void keep() {
        settle(StoreUse.onDisk(written));
    }

    /** The file is gone. More than once does no harm. */
    void release() {
        settle(0);
    }

    private void settle(long occupied) {
        use.changed(occupied - taken);
        use.wrote(taken - written);
        taken = occupied;
        written = occupied;
    }
}
