package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;

/**
 * The bytes of small blobs, images' configs above all: to open a file and have the kernel send it costs as much as all the
 * rest of such an answer. They are asked for with a lease, so what the store has dropped is not served from here. Safe for
 * many threads.
 */
public final class SmallBlobs {

    private static final int LARGEST = 16 << 10;

    /** Some 200 configs, of the images that are being pulled now. */
    private static final long MEMORY_BYTES = 1L << 20;

    private final RecentContent<byte[]> memory = new RecentContent<>(MEMORY_BYTES, bytes -> bytes.length);

    public SmallBlobs(DiskBlobStore blobs) {
        blobs.onGone(entry -> {
            if (entry.size <= LARGEST) {
                memory.forget(entry.key.digest());
            }
        });
    }

    /** Whether it is served as bytes rather than as a file. */
    public static boolean isSmall(BlobLease blob) {
        return blob.size() <= LARGEST;
    }

    /** Whether {@link #bytes} would not read the disk. */
    public boolean isInMemory(BlobLease small) {
        return memory.find(small.digest()).isPresent();
    }

    /**
     * All of it, not copied: it must not be changed.
     *
     * @throws StoreFailure as {@link BlobLease#read} does
     */
    public byte[] bytes(BlobLease small) {
        return memory.find(small.digest()).orElseGet(() -> {
            byte[] read = small.read();
            memory.put(small.digest(), read);
            return read;
        });
    }
}
