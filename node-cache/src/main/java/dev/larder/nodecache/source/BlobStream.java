package dev.larder.nodecache.source;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A blob on its way. For one thread; closing it early gives the connection up. */
public interface BlobStream extends AutoCloseable {

    /** What was wrong with it. */
    enum Fault {
        /** It stalled, broke off or did not fit what had come before: another time it may be well. */
        BROKE_OFF,
        /** All the bytes came from here and are not the blob's: they will hardly be right another time. */
        WRONG_BYTES
    }

    /** Name of the source, for messages. */
    String host();

    /** Where in the blob the first byte of this stream stands. */
    long offset();

    /** The whole blob's size, if the source said it. */
    OptionalLong totalSize();

    /** How long a blob may wait in silence when it comes from this source, all resumes together. */
    Duration idle();

    /**
     * The next piece, valid until the next call, or null after the last one.
     *
     * @param patience how long to wait for it
     * @throws dev.larder.nodecache.error.UpstreamFailure when it broke off or nothing came in that time; it is over then
     */
    @Nullable
    ByteBuffer read(Duration patience) throws InterruptedException;

    /** Whether {@link #read} would answer at once. */
    boolean hasMore();

    /** Says that what came from here was of no use, so that another source is preferred for a while, if there is one. */
    void blame(Fault fault);

    @Override
    void close();
}
