package dev.larder.nodecache.store;

import java.util.List;

/**
 * Everything that is remembered over a restart, as things that happened. Each says the whole of its fact, so that taking
 * one up again, or a later one first, ends in the same state. Times are seconds since {@link StoreIndex#EPOCH}.
 */
interface JournalEvents {

    /** The content is on the disk. */
    void blob(BlobKey key, long size, int used);

    void used(BlobKey key, int used);

    /** The content is not on the disk any more, and all that was known of it goes with it. */
    void gone(BlobKey key);

    /** The content is a manifest, and needs the others. */
    void manifest(BlobKey key, String mediaType, List<BlobKey> needs);

    /** Gives a repository a number for the other events. */
    void repository(int id, String registry, String name);

    /** The upstream served the repository to everyone; 0 when it would not. */
    void open(int id, int at);

    /** The upstream has this content in this repository. */
    void holds(int id, BlobKey key);

    /** What the tag meant, as {@link TagRecord#format}; empty when it is gone. */
    void tag(int id, String tag, String answerClass, String record);

    /** A process took the store over. */
    void opened(String boot);

    /** It left in order: everything is on the disk. */
    void closed();
}
