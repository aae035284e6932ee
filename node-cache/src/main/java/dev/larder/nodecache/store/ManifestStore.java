package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Optional;

/**
 * Manifests by digest, with their media type. Small, so they are handed out as bytes; the ones last used stay in memory.
 * Bytes read from the disk are checked against their digest.
 */
public final class ManifestStore {

    private static final long MEMORY_BYTES = 2L << 20;

    private final DiskBlobStore blobs;

    /** Guarded by itself. */
    private final LinkedHashMap<Digest, StoredManifest> memory = new LinkedHashMap<>(64, 0.75f, true);

    /** Guarded by {@link #memory}. */
    private long memoryBytes;

    /** The array is not copied and must not be changed. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody; a copy per hit would be waste
    public record StoredManifest(MediaType mediaType, byte[] bytes) {}

    public ManifestStore(DiskBlobStore blobs) {
        this.blobs = blobs;
    }

    public Optional<StoredManifest> find(Digest digest) {
        synchronized (memory) {
            StoredManifest remembered = memory.get(digest);
            if (remembered != null) {
                return Optional.of(remembered);
            }
        }
        Optional<StoredManifest> read = read(digest);
        read.ifPresent(manifest -> remember(digest, manifest));
        return read;
    }

    private Optional<StoredManifest> read(Digest digest) {
        Optional<BlobLease> lease = blobs.find(digest);
        if (lease.isEmpty()) {
            return Optional.empty();
        }
        byte[] bytes;
        MediaType mediaType;
        try (BlobLease held = lease.get()) {
            bytes = Files.readAllBytes(held.file());
            mediaType = MediaType.parse(Files.readString(blobs.paths().manifest(digest)));
        } catch (IOException | IllegalArgumentException e) {
            // No media type: a blob that is no manifest, or one whose record was lost. Asking upstream mends it.
            return Optional.empty();
        }
        if (!digest.of(bytes).equals(digest)) {
            blobs.delete(digest);
            return Optional.empty();
        }
        return Optional.of(new StoredManifest(mediaType, bytes));
    }

    /**
     * Keeps a manifest whose digest has been verified.
     *
     * @throws StoreFailure when the disk fails; it is then still found in memory for a while
     */
    public void put(Digest digest, StoredManifest manifest) {
        remember(digest, manifest);
        Path record = blobs.paths().manifest(digest);
        RecordFile.write(record, manifest.mediaType().value());
        try (PartialBlob partial = blobs.begin(digest, manifest.bytes().length)) {
            partial.append(ByteBuffer.wrap(manifest.bytes()));
            partial.commit();
        }
    }

    private void remember(Digest digest, StoredManifest manifest) {
        synchronized (memory) {
            StoredManifest before = memory.put(digest, manifest);
            memoryBytes += manifest.bytes().length - (before == null ? 0 : before.bytes().length);
            Iterator<StoredManifest> oldest = memory.values().iterator();
            while (memoryBytes > MEMORY_BYTES && oldest.hasNext()) {
                memoryBytes -= oldest.next().bytes().length;
                oldest.remove();
            }
        }
    }
}
