package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Least recently used image first. A use of a manifest is a use of all it needs, so what images share is as young as the
 * youngest of them; and a manifest is as old as the oldest of what it needs, and goes just before that. So there is never a
 * manifest whose blobs have been evicted, and a blob that no manifest needs has its own age.
 */
final class EvictionOrder {

    /** An index, its manifests, and what a client may nest into each other; no bound would let a circle run for ever. */
    private static final int DEPTH = 4;

    private final StoreIndex index;
    private final Pins pins;

    EvictionOrder(StoreIndex index, Pins pins) {
        this.index = index;
        this.pins = pins;
    }

    /** What it needs first, so that whoever sees the manifest as used sees its blobs so too. */
    void used(BlobKey key, int now) {
        used(key, now, 0);
    }

    private void used(BlobKey key, int now, int depth) {
        BlobEntry entry = index.blobs.get(key);
        if (entry == null || (depth == 0 && entry.used >= now)) {
            return; // once a second is enough
        }
        BlobEntry.Manifest manifest = entry.manifest;
        if (manifest != null && depth < DEPTH) {
            for (BlobKey need : manifest.needs()) {
                used(need, now, depth + 1);
            }
        }
        if (entry.used < now) {
            index.blobs.computeIfPresent(key, (k, e) -> {
                e.used = Math.max(e.used, now);
                return e;
            });
        }
    }

    /** A new manifest was put: what it needs is as young as it is. */
    void needed(BlobEntry.Manifest manifest, int now) {
        for (BlobKey need : manifest.needs()) {
            used(need, now, 1);
        }
    }

    /** The first to go, in order, without what is being served; remembers by which use each was chosen. */
    List<Digest> oldest(int max, boolean pinned) {
        for (BlobEntry entry : index.blobs.values()) {
            if (entry.manifest != null) {
                used(entry.key, entry.used, 1);
            }
        }
        Comparator<BlobEntry> age =
                Comparator.<BlobEntry>comparingInt(entry -> entry.planned).thenComparingInt(entry -> -height(entry, 0));
        PriorityQueue<BlobEntry> youngestFirst = new PriorityQueue<>(age.reversed());
        for (BlobEntry entry : index.blobs.values()) {
            if (entry.leases > 0 || pins.holds(entry.key) != pinned) {
                continue;
            }
            entry.planned = age(entry, 0);
            if (youngestFirst.size() < max || age.compare(entry, youngestFirst.element()) < 0) {
                youngestFirst.add(entry);
            }
            if (youngestFirst.size() > max) {
                youngestFirst.remove();
            }
        }
        List<BlobEntry> chosen = new ArrayList<>(youngestFirst);
        chosen.sort(age);
        List<Digest> digests = new ArrayList<>(chosen.size());
        chosen.forEach(entry -> digests.add(entry.key.digest()));
        return Collections.unmodifiableList(digests);
    }

    /** Whether nothing has happened since that would make it go later. */
    boolean isStillDue(BlobEntry entry) {
        return age(entry, 0) <= entry.planned;
    }

    private int age(BlobEntry entry, int depth) {
        BlobEntry.Manifest manifest = entry.manifest;
        if (manifest == null || depth >= DEPTH) {
            return entry.used;
        }
        int oldest = Integer.MAX_VALUE;
        for (BlobKey need : manifest.needs()) {
            BlobEntry needed = index.blobs.get(need);
            if (needed != null) {
                oldest = Math.min(oldest, age(needed, depth + 1));
            }
        }
        return oldest == Integer.MAX_VALUE ? entry.used : oldest;
    }

    /** 0 for a blob, more for what needs others. */
    private int height(BlobEntry entry, int depth) {
        BlobEntry.Manifest manifest = entry.manifest;
        if (manifest == null || depth >= DEPTH) {
            return 0;
        }
        int highest = 0;
        for (BlobKey need : manifest.needs()) {
            BlobEntry needed = index.blobs.get(need);
            if (needed != null && needed.manifest != null) {
                highest = Math.max(highest, height(needed, depth + 1));
            }
        }
        return highest + 1;
    }
}
