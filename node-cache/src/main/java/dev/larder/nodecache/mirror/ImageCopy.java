package dev.larder.nodecache.mirror;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.IntegrityFailure;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Platform;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.push.TargetRepository;
import dev.larder.nodecache.registry.UpstreamQuestions;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.store.BlobLease;
import dev.larder.nodecache.store.ManifestStore.StoredManifest;
import dev.larder.nodecache.store.StoredImages;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Copies one image to another registry: what is not there yet is brought to this disk, as by a pull, and sent from it. First
 * the blobs, then the manifests that name them, the image's own by its digest and then by its tags, so that nobody there ever
 * finds half an image. For one thread.
 */
final class ImageCopy {

    /** An index of indexes is allowed, and used by nobody beyond this. */
    private static final int MAX_DEPTH = 3;

    private final CopyOrder order;
    private final TargetRepository target;
    private final ImageFetch fetch;
    private final UpstreamQuestions upstreams;
    private final StoredImages images;
    private final BriefMemory<Whereabouts, RepositoryName> seen;
    private final Deadline deadline;
    private final AtomicLong sent;
    /** What has been seen to be there by this copy. */
    private final Set<Digest> there = new HashSet<>();

    /** A blob of a registry: it can be mounted from where it is known to be. */
    record Whereabouts(String registry, Digest blob) {}

    /** What it works with. */
    record Parts(
            ImageFetch fetch,
            UpstreamQuestions upstreams,
            StoredImages images,
            BriefMemory<Whereabouts, RepositoryName> seen) {}

    /** @param sent bytes of blobs, added to as they go */
    ImageCopy(CopyOrder order, TargetRepository target, Parts parts, Deadline deadline, AtomicLong sent) {
        this.order = order;
        this.target = target;
        this.fetch = parts.fetch();
        this.upstreams = parts.upstreams();
        this.images = parts.images();
        this.seen = parts.seen();
        this.deadline = deadline;
        this.sent = sent;
    }

    /** @throws CacheException when it cannot be done; what has been sent stays, and need not be sent again */
    void run() throws InterruptedException {
        StoredManifest manifest = tree(order.image(), order.platforms(), MAX_DEPTH);
        for (Tag tag : order.tags()) {
            tag(tag, order.image(), new TargetRepository.Manifest(manifest.mediaType(), manifest.bytes()));
        }
        for (var other : order.also().entrySet()) {
            Optional<TargetRepository.Manifest> known = target.manifest(new Reference.ByDigest(other.getValue()));
            if (known.isPresent()) {
                tag(other.getKey(), other.getValue(), known.get());
            }
        }
        if (order.attachments()) {
            new Attachments(order, fetch, upstreams, target, this::tree).copy();
        }
    }

    private StoredManifest tree(Digest digest) throws InterruptedException {
        return tree(digest, List.of(), MAX_DEPTH);
    }

    private StoredManifest tree(Digest digest, List<Platform> platforms, int depth) throws InterruptedException {
        if (depth == 0) {
            throw new ContentUnknown(
                    ContentUnknown.Kind.MANIFEST, "the index " + order.image() + " is nested too deeply");
        }
        StoredManifest manifest = fetch.manifest(order.source(), digest);
        List<Digest> needs = images.needs(digest);
        if (ImageFetch.isIndex(manifest)) {
            for (Digest child : platforms.isEmpty() ? needs : chosen(manifest, platforms)) {
                tree(child, platforms, depth - 1);
            }
        } else {
            for (Digest blob : needs) {
                blob(blob);
            }
        }
        put(digest, manifest);
        return manifest;
    }

    private List<Digest> chosen(StoredManifest index, List<Platform> platforms) {
        List<Digest> chosen = IndexEntries.of(index.bytes(), platforms);
        if (chosen.isEmpty()) {
            throw new ContentUnknown(
                    ContentUnknown.Kind.MANIFEST,
                    "the index " + order.image() + " has no image for " + platforms + "; change spec.platforms");
        }
        return chosen;
    }

    private void put(Digest digest, StoredManifest manifest) throws InterruptedException {
        Reference reference = new Reference.ByDigest(digest);
        if (there.contains(digest)
                || target.digestOf(reference).filter(digest::equals).isPresent()) {
            there.add(digest);
            return;
        }
        try {
            target.put(reference, new TargetRepository.Manifest(manifest.mediaType(), manifest.bytes()));
        } catch (UpstreamFailure e) {
            throw order.platforms().isEmpty() || !ImageFetch.isIndex(manifest) ? e : sparse(e);
        }
        there.add(digest);
    }

    private static UpstreamFailure sparse(UpstreamFailure e) {
        return new UpstreamFailure(
                e.kind(),
                e.host(),
                e.getMessage()
                        + " (an index of which only spec.platforms were copied: not every registry takes one; copy"
                        + " all with spec.to.repository.platforms: All)",
                null,
                e);
    }

    private void tag(Tag tag, Digest image, TargetRepository.Manifest manifest) throws InterruptedException {
        Reference reference = new Reference.ByTag(tag);
        if (!target.digestOf(reference).filter(image::equals).isPresent()) {
            target.put(reference, manifest);
        }
        // What the registry says is one thing, what it gives another.
        Optional<TargetRepository.Manifest> given = target.manifest(reference);
        if (given.isEmpty() || !image.of(given.get().bytes()).equals(image)) {
            throw new IntegrityFailure(
                    order.target().host(),
                    image.toString(),
                    given.map(other -> Digest.sha256(other.bytes()).toString()).orElse("nothing"));
        }
    }

    private void blob(Digest digest) throws InterruptedException {
        if (deadline.isOver()) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.TIMEOUT,
                    order.target().host(),
                    "the copy of " + order.image() + " took too long");
        }
        if (there.contains(digest)) {
            return;
        }
        Whereabouts place = new Whereabouts(order.target().host(), digest);
        if (!target.hasBlob(digest) && !mounted(place)) {
            try (BlobLease lease = fetch.blob(order.source(), digest)) {
                target.upload(lease, sent::addAndGet);
            }
        }
        seen.put(place, order.target().repository());
        there.add(digest);
    }

    private boolean mounted(Whereabouts place) throws InterruptedException {
        Optional<RepositoryName> from = seen.find(place);
        if (from.isEmpty() && order.source().registry().value().equals(place.registry())) {
            from = Optional.of(order.source().repository());
        }
        return from.isPresent()
                && !from.get().equals(order.target().repository())
                && target.mount(place.blob(), from.get());
    }
}
