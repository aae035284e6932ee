package dev.larder.nodecache.mirror;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.registry.RegistryService;
import dev.larder.nodecache.registry.UpstreamQuestions;
import dev.larder.nodecache.signature.PublicKeys;
import dev.larder.nodecache.signature.SignedPayload;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.store.BlobLease;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether an image is signed: looks where cosign puts signatures, under a tag made from the image's digest and among its
 * referrers, and verifies them. For one thread.
 */
public final class ImageSignatures {

    private static final long LARGEST = 1 << 20;
    /** More than anybody signs one image. */
    private static final int MAX_SIGNATURES = 50;

    private final ImageFetch fetch;
    private final UpstreamQuestions upstreams;

    /** @param reason why not; empty when it is */
    public record Verdict(boolean signed, String reason) {}

    public ImageSignatures(RegistryService service, UpstreamQuestions upstreams, Mirror.Stores stores) {
        this.fetch = new ImageFetch(service, stores);
        this.upstreams = upstreams;
    }

    /** @throws CacheException when the upstream does not say what there is, so that nothing is known */
    public Verdict verify(RepositoryKey key, Digest image, PublicKeys keys, Deadline deadline)
            throws InterruptedException {
        int seen = 0;
        boolean ofAnother = false;
        for (Digest manifest : manifests(key, image, deadline)) {
            for (SignedPayload.Place place :
                    SignedPayload.places(fetch.manifest(key, manifest).bytes())) {
                if (++seen > MAX_SIGNATURES) {
                    return new Verdict(false, "none of the first " + MAX_SIGNATURES + " signatures is by a given key");
                }
                if (place.size() > LARGEST) {
                    continue; // Whoever may push a referrer must not have the node fetch gigabytes.
                }
                Optional<SignedPayload> signature = SignedPayload.read(place, bytes(key, place.digest()));
                if (signature.isPresent() && signature.get().isBy(keys)) {
                    if (signature.get().isOf(image)) {
                        return new Verdict(true, "");
                    }
                    ofAnother = true;
                }
            }
        }
        if (ofAnother) {
            return new Verdict(false, "a given key has signed another image, and that signature was put here");
        }
        return new Verdict(
                false, seen == 0 ? "it has no signature" : "none of its " + seen + " signatures is by a given key");
    }

    private List<Digest> manifests(RepositoryKey key, Digest image, Deadline deadline) throws InterruptedException {
        Referrers source = new Referrers(fetch, upstreams, key, image, () -> deadline);
        List<Digest> found = new ArrayList<>();
        source.tagged(".sig").ifPresent(found::add);
        found.addAll(source.listed().keySet());
        return found;
    }

    private byte[] bytes(RepositoryKey key, Digest blob) throws InterruptedException {
        try (BlobLease held = fetch.blob(key, blob)) {
            return held.size() > LARGEST ? new byte[0] : held.read();
        }
    }
}
