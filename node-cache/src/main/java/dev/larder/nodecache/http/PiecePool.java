package dev.larder.nodecache.http;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/** Buffers outside the heap that a file is read into and a socket written from without a copy between; a few are kept. */
final class PiecePool {

    private static final int PIECE = 128 * 1024;
    private static final int KEPT = 32;

    private final ArrayBlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(KEPT);

    ByteBuffer take() {
        @Nullable ByteBuffer kept = free.poll();
        return kept == null ? ByteBuffer.allocateDirect(PIECE) : kept;
    }

    void giveBack(ByteBuffer piece) {
        // When enough are kept, this one goes with the next collection.
        boolean _ = free.offer(piece.clear());
    }
}
