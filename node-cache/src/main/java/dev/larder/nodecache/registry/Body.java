package dev.larder.nodecache.registry;

import dev.larder.nodecache.fill.FillReader;
import dev.larder.nodecache.store.BlobLease;

/** What follows the head of a response. Whoever takes a body closes what it holds. */
public sealed interface Body extends AutoCloseable {

    /** Bytes that Content-Length announces. */
    long length();

    @Override
    default void close() {}

    /** The answer to HEAD: a length, and nothing sent. */
    record Empty(long length) implements Body {}

    /** The array is not copied and must not be changed. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody; a copy per hit would be waste
    record Bytes(byte[] bytes) implements Body {
        @Override
        public long length() {
            return bytes.length;
        }
    }

    /** Part of a file that cannot be evicted meanwhile. */
    record FileRange(BlobLease lease, long offset, long length) implements Body {
        @Override
        public void close() {
            lease.close();
        }
    }

    /** Content that is still on its way here. */
    record Filling(FillReader reader, long length) implements Body {
        @Override
        public void close() {
            reader.close();
        }
    }
}
