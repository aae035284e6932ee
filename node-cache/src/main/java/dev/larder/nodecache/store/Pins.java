package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.ImageName;
import dev.larder.nodecache.oci.Reference;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * Images that are held against eviction: the manifest that a reference means now, and all that it refers to as far as it is
 * here; of an index, each platform that is here. What a tag has meant before is held no more. Safe for many threads.
 */
public final class Pins {

    /** As deep as {@link EvictionOrder} looks. */
    private static final int DEPTH = 4;

    private final StoreIndex index;
    private volatile Set<ImageName> wanted = Set.of();

    /** Guarded by this. */
    private Set<BlobKey> held = Set.of();

    private volatile boolean outdated;

    Pins(StoreIndex index) {
        this.index = index;
    }

    /** Holds these, as far as they are here or will come, and no others. */
    public void replace(Collection<ImageName> images) {
        wanted = Set.copyOf(images);
        outdated = true;
    }

    /** Called after a tag has got a meaning or lost it. */
    void tagChanged(StoreIndex.TagKey key) {
        if (!wanted.isEmpty() && wanted.contains(new ImageName(key.repository(), new Reference.ByTag(key.tag())))) {
            outdated = true;
        }
    }

    /** Called after content has turned out to be a manifest. */
    void manifestChanged(BlobKey key) {
        if (holds(key)) {
            outdated = true;
        }
    }

    boolean holds(BlobKey key) {
        return !wanted.isEmpty() && held().contains(key);
    }

    private synchronized Set<BlobKey> held() {
        if (outdated) {
            // Before looking: what changes from here on makes it outdated again.
            outdated = false;
            held = find();
        }
        return held;
    }

    private Set<BlobKey> find() {
        Set<ImageName> images = wanted;
        Set<BlobKey> found = new HashSet<>();
        for (ImageName image : images) {
            if (image.reference() instanceof Reference.ByDigest(var digest)) {
                add(BlobKey.of(digest), found, 0);
            }
        }
        index.tags.forEach((key, record) -> {
            if (images.contains(new ImageName(key.repository(), new Reference.ByTag(key.tag())))) {
                add(BlobKey.of(record.descriptor().digest()), found, 0);
            }
        });
        return found;
    }

    private void add(BlobKey key, Set<BlobKey> to, int depth) {
        BlobEntry entry = to.add(key) ? index.blobs.get(key) : null;
        BlobEntry.Manifest manifest = entry == null ? null : entry.manifest;
        if (manifest != null && depth < DEPTH) {
            manifest.needs().forEach(need -> add(need, to, depth + 1));
        }
    }

    /** Bytes of disk that are held; {@code unused}: only of what nobody is being served now. */
    public long bytes(boolean unused) {
        if (wanted.isEmpty()) {
            return 0;
        }
        long bytes = 0;
        for (BlobKey key : held()) {
            BlobEntry entry = index.blobs.get(key);
            if (entry != null && !(unused && entry.leases > 0)) {
                bytes += StoreUse.onDisk(entry.size);
            }
        }
        return bytes;
    }
}
