package dev.larder.nodecache.mirror;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.fill.Pauses;
import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.oci.Platform;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.registry.Body;
import dev.larder.nodecache.registry.ByteRange;
import dev.larder.nodecache.registry.RegistryRequest;
import dev.larder.nodecache.registry.RegistryService;
import dev.larder.nodecache.registry.Route;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.store.BlobLease;
import dev.larder.nodecache.store.BlobStore;
import dev.larder.nodecache.store.ManifestStore;
import dev.larder.nodecache.store.ManifestStore.StoredManifest;
import dev.larder.nodecache.store.StoredImages;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Brings one image to this disk as a client's pull would, by the same handlers, one blob after the other, with nobody's
 * credentials. Used by one thread at a time.
 */
final class ImageFetch {

    private static final int PIECE = 64 * 1024;
    private static final Duration UNTIL_KEPT = Duration.ofSeconds(10);
    private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

    private final RegistryService service;
    private final ManifestStore manifests;
    private final StoredImages images;
    private final BlobStore blobs;
    private final ByteBuffer piece = ByteBuffer.allocate(PIECE);

    ImageFetch(RegistryService service, Mirror.Stores stores) {
        this.service = service;
        this.manifests = stores.manifests();
        this.images = stores.images();
        this.blobs = stores.blobs();
    }

    /** Whether all of the image is here: of an index, the manifests for these platforms with all they need. */
    boolean isHere(Digest digest, List<Platform> platforms) {
        Optional<StoredManifest> stored = manifests.find(digest);
        if (stored.isEmpty() || !isIndex(stored.get())) {
            return stored.isPresent() && images.isComplete(digest);
        }
        List<Digest> chosen = IndexEntries.of(stored.get().bytes(), platforms);
        return !chosen.isEmpty() && chosen.stream().allMatch(images::isComplete);
    }

    /** Whether somebody has begun to bring it, be it a client. */
    boolean isBegun(Digest digest) {
        return manifests.find(digest).isPresent();
    }

    /**
     * Brings it here.
     *
     * @param bytesPerSecond for the blobs; 0: no bound
     * @throws CacheException when some of it cannot be had
     */
    void fetch(RepositoryKey key, Digest digest, List<Platform> platforms, long bytesPerSecond)
            throws InterruptedException {
        StoredManifest stored = manifest(key, digest);
        if (!isIndex(stored)) {
            blobs(key, digest, bytesPerSecond);
            return;
        }
        List<Digest> chosen = IndexEntries.of(stored.bytes(), platforms);
        if (chosen.isEmpty()) {
            throw new ContentUnknown(
                    ContentUnknown.Kind.MANIFEST,
                    "the index " + digest + " has no image for " + platforms + "; change spec.platforms");
        }
        for (Digest child : chosen) {
            var _ = manifest(key, child);
            blobs(key, child, bytesPerSecond);
        }
    }

    static boolean isIndex(StoredManifest manifest) {
        return manifest.mediaType().equals(MediaType.OCI_INDEX)
                || manifest.mediaType().equals(MediaType.DOCKER_LIST);
    }

    /** Brings a manifest here. @throws CacheException when it cannot be had, or is not kept */
    StoredManifest manifest(RepositoryKey key, Digest digest) throws InterruptedException {
        get(new Route.Manifest(key, new Reference.ByDigest(digest)), 0);
        return manifests
                .find(digest)
                .orElseThrow(() -> new ContentUnknown(ContentUnknown.Kind.MANIFEST, digest + " was not kept"));
    }

    private void blobs(RepositoryKey key, Digest manifest, long bytesPerSecond) throws InterruptedException {
        for (Digest blob : images.needs(manifest)) {
            get(new Route.Blob(key, blob), bytesPerSecond);
        }
    }

    /** Brings a blob here. @throws CacheException when it cannot be had, or is not kept */
    BlobLease blob(RepositoryKey key, Digest blob) throws InterruptedException {
        get(new Route.Blob(key, blob), 0);
        // It may still be on its way to its name.
        Deadline end = Deadline.in(UNTIL_KEPT);
        for (Optional<BlobLease> kept = blobs.find(blob); ; kept = blobs.find(blob)) {
            if (kept.isPresent()) {
                return kept.get();
            }
            if (end.isOver()) {
                throw new StoreFailure(
                        StoreFailure.Kind.FULL, blob + " was fetched but not kept: is storage.size too small?", null);
            }
            Pauses.pause(LOOK_AGAIN);
        }
    }

    private void get(Route route, long bytesPerSecond) throws InterruptedException {
        RegistryRequest request = new RegistryRequest(
                route, false, Accept.of(""), ByteRange.ALL, false, Caller.ANONYMOUS, bytesPerSecond);
        try (Body body = service.serve(request).body()) {
            if (body instanceof Body.Filling filling) {
                // To the end: that is when it has been verified.
                do {
                    piece.clear();
                } while (filling.reader().read(piece) >= 0);
            }
        }
    }
}
