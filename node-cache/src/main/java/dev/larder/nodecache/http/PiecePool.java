package dev.larder.nodecache.http;

import java.nio.ByteBuffer;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Buffers that a file is read into and a socket written from. Those outside the heap save a copy; a few of them are kept,
 * and only so many are out at once, since that memory is bounded: beyond them come small ones from the heap. Safe for many
 * threads.
 */
final class PiecePool {

    private static final int PIECE = 128 * 1024;
    private static final int SMALL_PIECE = 16 * 1024;
    private static final int KEPT = 32;
    /** 16 MiB of them. */
    private static final int MOST = 128;

    private final ArrayBlockingQueue<ByteBuffer> free = new ArrayBlockingQueue<>(KEPT);
    private final AtomicInteger out = new AtomicInteger();

    ByteBuffer take() {
        if (out.incrementAndGet() > MOST) {
            out.decrementAndGet();
            return ByteBuffer.allocate(SMALL_PIECE);
        }
        @Nullable ByteBuffer kept = free.poll();
        return kept == null ? ByteBuffer.allocateDirect(PIECE) : kept;
    }

    void giveBack(ByteBuffer piece) {
        if (piece.isDirect()) {
            out.decrementAndGet();
            // When enough are kept, this one goes with the next collection.
            boolean _ = free.offer(piece.clear());
        }
    }

    /** For one that a broken connection may still be read from: it is left to the collector. */
    void abandon(ByteBuffer piece) {
        if (piece.isDirect()) {
            out.decrementAndGet();
        }
    }
}
