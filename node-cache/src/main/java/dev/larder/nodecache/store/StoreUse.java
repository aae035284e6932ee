package dev.larder.nodecache.store;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much of the disk the store holds: what its files occupy and what is promised to those on their way. Files are
 * counted in whole blocks, as the disk does. Safe for many threads.
 */
public final class StoreUse {

    private static final long BLOCK = 4096;
    /** More than any disk has; what an upstream announces may be more. */
    private static final long MAX = 1L << 60;

    private final AtomicLong held = new AtomicLong();
    private final AtomicLong unwritten = new AtomicLong();
    private final AtomicLong evictable = new AtomicLong();
    private volatile RoomMaker maker = new Always();

    /** What a file of so many bytes takes up. */
    public static long onDisk(long size) {
        return (Math.min(size, MAX) + BLOCK - 1) / BLOCK * BLOCK;
    }

    /** Who decides about room; until one is set, everything fits. */
    public void roomMaker(RoomMaker next) {
        maker = next;
    }

    private final class Always implements RoomMaker {
        @Override
        public boolean reserve(long bytes, boolean mayEvict) {
            take(bytes);
            return true;
        }

        @Override
        public boolean couldHold(long bytes) {
            return true;
        }
    }

    boolean reserve(long bytes, boolean mayEvict) {
        return maker.reserve(bytes, mayEvict);
    }

    boolean couldHold(long bytes) {
        return maker.couldHold(bytes);
    }

    /** For the {@link RoomMaker}: the bytes are promised to somebody who has not written them yet. */
    public void take(long bytes) {
        held.addAndGet(bytes);
        unwritten.addAndGet(bytes);
    }

    /** Bytes that are occupied or promised. */
    public long held() {
        return held.get();
    }

    /** The part of {@link #held} that is not on the disk yet, so that the disk still counts it as free. */
    public long unwritten() {
        return unwritten.get();
    }

    /** The part of {@link #held} that eviction could give back now. */
    public long evictable() {
        return evictable.get();
    }

    void evictable(long more) {
        evictable.addAndGet(more);
    }

    void wrote(long bytes) {
        unwritten.addAndGet(-bytes);
    }

    /** Occupied bytes that came without a reservation, or that went. */
    void changed(long bytes) {
        held.addAndGet(bytes);
    }
}
