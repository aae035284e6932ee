package dev.larder.nodecache.source;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A blob on its way. For one thread; closing it early gives the connection up. */
public interface BlobStream extends AutoCloseable {

    /** Name of the source, for messages. */
    String host();

    /** Where in the blob the first byte of this stream stands. */
    long offset();

    /** The whole blob's size, if the source said it. */
    OptionalLong totalSize();

    /**
     * The next piece, valid until the next call, or null after the last one.
     *
     * @throws dev.larder.nodecache.error.UpstreamFailure when it broke off or nothing came for too long
     */
    @Nullable
    ByteBuffer read() throws InterruptedException;

    @Override
    void close();
}
