package dev.larder.nodecache.store;

/** Asked for room before anything is written. */
public interface RoomMaker {

    /**
     * Makes room, by eviction if need be, and takes it with {@link StoreUse#take} before anyone else can.
     *
     * @param mayEvict else only what is free is given
     * @return false when there is no room; then nothing is taken
     */
    boolean reserve(long bytes, boolean mayEvict);

    /** Whether so much would fit if nothing else were there. */
    boolean couldHold(long bytes);
}
