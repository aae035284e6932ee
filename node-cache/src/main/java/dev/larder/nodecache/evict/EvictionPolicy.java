package dev.larder.nodecache.evict;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.store.StoreUse;
import dev.larder.nodecache.store.StoredBlob;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which blobs go: the least recently used that nobody is being served, until enough is free. */
public final class EvictionPolicy {

    private EvictionPolicy() {}

    /** @return fewest possible from the oldest on; less than asked for when the rest is leased */
    public static List<Digest> victims(List<StoredBlob> blobs, long bytesToFree) {
        List<Digest> victims = new ArrayList<>();
        long freed = 0;
        for (StoredBlob blob : blobs.stream()
                .filter(b -> !b.leased())
                .sorted(Comparator.comparing(StoredBlob::lastUsed))
                .toList()) {
            if (freed >= bytesToFree) {
                break;
            }
            victims.add(blob.digest());
            freed += StoreUse.onDisk(blob.size());
        }
        return victims;
    }
}
