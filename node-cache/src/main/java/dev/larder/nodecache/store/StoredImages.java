package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether an image can be pulled from this disk alone, as far as the index knows. Safe for many threads. */
public final class StoredImages {

    /** An index of indexes is allowed, and used by nobody beyond this. */
    private static final int MAX_DEPTH = 3;

    private final StoreIndex index;

    public StoredImages(DiskBlobStore blobs) {
        this.index = blobs.index();
    }

    /**
     * Whether the manifest and everything that it points at is here. Of an index, nodes fetch the platforms that they
     * need: it is complete when at least one of its manifests is here and each that is here is complete.
     */
    public boolean isComplete(Digest manifest) {
        return isComplete(BlobKey.of(manifest), MAX_DEPTH);
    }

    /** What the manifest points at, whether it is here or not; empty also for a manifest that is not here. */
    public List<Digest> needs(Digest manifest) {
        BlobEntry entry = here(BlobKey.of(manifest));
        return entry == null || entry.manifest == null
                ? List.of()
                : entry.manifest.needs().stream().map(BlobKey::digest).toList();
    }

    private boolean isComplete(BlobKey key, int depth) {
        BlobEntry entry = here(key);
        BlobEntry.@Nullable Manifest manifest = entry == null ? null : entry.manifest;
        if (manifest == null || depth == 0 || manifest.needs().size() >= ManifestLinks.MAX) {
            return false;
        }
        if (!isIndex(manifest)) {
            return manifest.needs().stream().allMatch(need -> here(need) != null);
        }
        List<BlobKey> present =
                manifest.needs().stream().filter(need -> here(need) != null).toList();
        return manifest.needs().isEmpty()
                || (!present.isEmpty() && present.stream().allMatch(child -> isComplete(child, depth - 1)));
    }

    private static boolean isIndex(BlobEntry.Manifest manifest) {
        return manifest.mediaType().equals(MediaType.OCI_INDEX.value())
                || manifest.mediaType().equals(MediaType.DOCKER_LIST.value());
    }

    private @Nullable BlobEntry here(BlobKey key) {
        BlobEntry entry = index.blobs.get(key);
        return entry == null || entry.leaving ? null : entry;
    }
}
