package dev.larder.nodecache.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one blob. Written only under the index's lock on its key; read also without, where an old value does no
 * harm. Times are seconds since {@link StoreIndex#EPOCH}.
 */
final class BlobEntry {

    private static final int[] NOWHERE = {};

    final BlobKey key;
    final long size;
    /** By itself, or as a part of an image that was used. */
    volatile int used;
    /** What the journal has of that. */
    int noted;

    int leases;
    /** Its file is being taken away: it is not there any more for who asks. */
    volatile boolean leaving;
    /** By when it was used, as the present order of eviction has it. */
    int planned;

    volatile @Nullable Manifest manifest;
    /** Numbers of the repositories that are known to have it. */
    volatile int[] repositories = NOWHERE;

    /** @param needs the blobs and manifests it refers to */
    record Manifest(String mediaType, List<BlobKey> needs) {}

    BlobEntry(BlobKey key, long size, int used) {
        this.key = key;
        this.size = size;
        this.used = used;
        this.noted = used;
    }

    boolean isIn(int repository) {
        for (int one : repositories) {
            if (one == repository) {
                return true;
            }
        }
        return false;
    }

    /** @param alone an array of just this number, to be shared by all blobs that are nowhere else */
    void addTo(int[] alone) {
        int repository = alone[0];
        if (repositories.length == 0) {
            repositories = alone;
        } else if (!isIn(repository)) {
            int[] more = java.util.Arrays.copyOf(repositories, repositories.length + 1);
            more[more.length - 1] = repository;
            repositories = more;
        }
    }
}
