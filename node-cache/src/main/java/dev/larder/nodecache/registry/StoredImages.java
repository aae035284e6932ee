package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.store.BlobLease;
import dev.larder.nodecache.store.BlobStore;
import dev.larder.nodecache.store.ManifestStore;
import java.util.Optional;

/** Whether an image can be pulled from this disk alone. Reads the disk; safe for many threads. */
final class StoredImages {

    /** An index of indexes is allowed, and used by nobody beyond this. */
    private static final int MAX_DEPTH = 3;

    private final ManifestStore manifests;
    private final BlobStore blobs;

    StoredImages(ManifestStore manifests, BlobStore blobs) {
        this.manifests = manifests;
        this.blobs = blobs;
    }

    /**
     * Whether the manifest and everything that it points at is here. Of an index, nodes fetch the platforms that they
     * need: it is complete when at least one of its manifests is here and each that is here is complete.
     */
    boolean isComplete(Digest manifest) {
        return isComplete(manifest, MAX_DEPTH);
    }

    private boolean isComplete(Digest manifest, int depth) {
        Optional<ManifestLinks> links = depth == 0
                ? Optional.empty()
                : manifests.find(manifest).flatMap(stored -> ManifestLinks.parse(stored.bytes()));
        if (links.isEmpty() || !links.get().blobs().stream().allMatch(this::isHere)) {
            return false;
        }
        var present = links.get().manifests().stream().filter(this::isHere).toList();
        return links.get().manifests().isEmpty()
                || (!present.isEmpty() && present.stream().allMatch(child -> isComplete(child, depth - 1)));
    }

    private boolean isHere(Digest digest) {
        Optional<BlobLease> lease = blobs.find(digest);
        lease.ifPresent(BlobLease::close);
        return lease.isPresent();
    }
}
