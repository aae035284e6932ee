package dev.larder.nodecache.store;

/** Asked for room before a blob is written. */
public interface RoomMaker {

    /** @return whether {@code bytes} more may be stored now, after eviction if need be */
    boolean makeRoom(long bytes);
}
