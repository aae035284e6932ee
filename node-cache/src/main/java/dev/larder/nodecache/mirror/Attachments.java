package dev.larder.nodecache.mirror;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.push.TargetRepository;
import dev.larder.nodecache.registry.UpstreamQuestions;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.store.ManifestStore.StoredManifest;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Copies what belongs to an image without being a part of it: its referrers (signatures, SBOMs), which the target is told of
 * in the way that it knows, and what cosign keeps under tags made from the image's digest.
 */
final class Attachments {

    private static final Duration EACH = Duration.ofSeconds(30);
    private static final List<String> OF_COSIGN = List.of(".sig", ".att", ".sbom");

    private final CopyOrder order;
    private final Referrers source;
    private final TargetRepository target;
    private final Copier copier;

    /** Copies a manifest with all it needs. */
    interface Copier {
        StoredManifest copy(Digest digest) throws InterruptedException;
    }

    Attachments(
            CopyOrder order, ImageFetch fetch, UpstreamQuestions upstreams, TargetRepository target, Copier copier) {
        this.order = order;
        this.source = new Referrers(fetch, upstreams, order.source(), order.image(), () -> Deadline.in(EACH));
        this.target = target;
        this.copier = copier;
    }

    void copy() throws InterruptedException {
        referrers();
        for (String suffix : OF_COSIGN) {
            Tag tag = source.tag(suffix);
            Optional<Digest> found = source.tagged(suffix);
            if (found.isPresent()) {
                StoredManifest manifest = copier.copy(found.get());
                target.put(new Reference.ByTag(tag), manifest(manifest.mediaType(), manifest.bytes()));
            }
        }
    }

    private void referrers() throws InterruptedException {
        Map<Digest, String> found = source.listed();
        for (Digest digest : found.keySet()) {
            copier.copy(digest);
        }
        if (found.isEmpty() || target.listsReferrers(order.image())) {
            return;
        }
        // Then the list is the client's to keep, under a tag.
        Reference list = new Reference.ByTag(source.tag(""));
        Map<Digest, String> all = new LinkedHashMap<>();
        target.manifest(list).ifPresent(there -> all.putAll(ReferrersIndex.descriptors(there.bytes())));
        if (!all.keySet().containsAll(found.keySet())) {
            all.putAll(found);
            target.put(list, manifest(MediaType.OCI_INDEX, ReferrersIndex.of(all)));
        }
    }

    private static TargetRepository.Manifest manifest(MediaType type, byte[] bytes) {
        return new TargetRepository.Manifest(type, bytes);
    }
}
