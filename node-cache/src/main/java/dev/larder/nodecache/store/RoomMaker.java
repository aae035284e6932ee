package dev.larder.nodecache.store;

/** Asked for room before anything is written. */
public interface RoomMaker {

    /**
     * Makes room, by eviction if need be, and takes it with {@link StoreUse#take} before anyone else can.
     *
     * @return false when there is no room; then nothing is taken
     */
    boolean reserve(long bytes);
}
