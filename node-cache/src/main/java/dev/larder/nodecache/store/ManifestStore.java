package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Manifests by digest, with their media type. Small, so they are handed out as bytes; the ones last used stay in memory.
 * Bytes read from the disk are checked against their digest.
 */
public final class ManifestStore {

    private static final long MEMORY_BYTES = 2L << 20;

    private final DiskBlobStore blobs;

    private final RecentContent<StoredManifest> memory =
            new RecentContent<>(MEMORY_BYTES, manifest -> manifest.bytes().length);

    /** The array is not copied and must not be changed. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody; a copy per hit would be waste
    public record StoredManifest(MediaType mediaType, byte[] bytes) {}

    public ManifestStore(DiskBlobStore blobs) {
        this.blobs = blobs;
        blobs.onGone(entry -> memory.forget(entry.key.digest()));
    }

    /** The manifest if it is in memory; the disk is not asked. */
    public Optional<StoredManifest> findNow(Digest digest) {
        Optional<StoredManifest> remembered = memory.find(digest);
        if (remembered.isPresent()) {
            blobs.used(BlobKey.of(digest));
        }
        return remembered;
    }

    public Optional<StoredManifest> find(Digest digest) {
        Optional<StoredManifest> remembered = findNow(digest);
        if (remembered.isPresent()) {
            return remembered;
        }
        Optional<StoredManifest> read = read(digest);
        read.ifPresent(manifest -> memory.put(digest, manifest));
        return read;
    }

    private Optional<StoredManifest> read(Digest digest) {
        Optional<BlobLease> lease = blobs.find(digest);
        if (lease.isEmpty()) {
            return Optional.empty();
        }
        try (BlobLease held = lease.get()) {
            BlobEntry entry = blobs.index().blobs.get(BlobKey.of(digest));
            BlobEntry.@Nullable Manifest known = entry == null ? null : entry.manifest;
            if (known == null) {
                return Optional.empty(); // a blob that is no manifest, or not known as one: asking upstream mends it
            }
            byte[] bytes = held.read();
            expectNeeds(bytes); // what is missing of it is about to be pulled, and this may be news since a restart
            return Optional.of(new StoredManifest(MediaType.parse(known.mediaType()), bytes));
        } catch (StoreFailure e) {
            return Optional.empty(); // what is bad is forgotten by now, and kept again once the upstream has given it
        }
    }

    /**
     * Keeps a manifest whose digest has been verified.
     *
     * @throws StoreFailure when the disk fails; it is then still found in memory for a while
     */
    public void put(Digest digest, StoredManifest manifest) {
        memory.put(digest, manifest);
        blobs.watch().within(() -> {
            write(digest, manifest);
            return digest;
        });
    }

    private void write(Digest digest, StoredManifest manifest) {
        List<BlobKey> needs = expectNeeds(manifest.bytes());
        try (PartialBlob partial = blobs.begin(digest, manifest.bytes().length)) {
            partial.append(ByteBuffer.wrap(manifest.bytes()));
            partial.commit();
            blobs.isManifest(
                    BlobKey.of(digest),
                    new BlobEntry.Manifest(
                            manifest.mediaType().value().intern(), blobs.index().known(needs)));
        }
    }

    private List<BlobKey> expectNeeds(byte[] manifest) {
        Optional<ManifestLinks> links = ManifestLinks.parse(manifest);
        List<BlobKey> needs = links.map(ManifestLinks::keys).orElse(List.of());
        blobs.oversized().expect(needs, links.map(ManifestLinks::bytes).orElse(0L));
        return needs;
    }
}
