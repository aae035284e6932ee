package dev.larder.nodecache.mirror;

import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.registry.UpstreamQuestions;
import dev.larder.nodecache.source.Deadline;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What an image's own registry has that belongs to it, asked past all that is remembered: a signature may have come a moment
 * ago.
 *
 * @param deadline of each question
 */
record Referrers(
        ImageFetch fetch, UpstreamQuestions upstreams, RepositoryKey key, Digest image, Supplier<Deadline> deadline) {

    /** A tag made from the image's digest, as cosign and the referrers' tag schema make them. */
    Tag tag(String suffix) {
        return new Tag(image.algorithm() + "-" + image.hex() + suffix);
    }

    /** What that tag means now. */
    Optional<Digest> tagged(String suffix) throws InterruptedException {
        try {
            return Optional.of(upstreams
                    .manifest(key, new Reference.ByTag(tag(suffix)), deadline.get())
                    .digest());
        } catch (ContentUnknown e) {
            return Optional.empty();
        }
    }

    /** The descriptors of its referrers, by the registry's list, else by the tag that stands for one. */
    Map<Digest, String> listed() throws InterruptedException {
        Map<Digest, String> listed = byRegistry();
        if (!listed.isEmpty()) {
            return listed;
        }
        // A registry that has learned to keep lists need not know those of before.
        Optional<Digest> tagged = tagged("");
        return tagged.isEmpty()
                ? Map.of()
                : ReferrersIndex.descriptors(fetch.manifest(key, tagged.get()).bytes());
    }

    private Map<Digest, String> byRegistry() throws InterruptedException {
        try {
            return ReferrersIndex.descriptors(upstreams.referrers(key, image, deadline.get()));
        } catch (ContentUnknown e) {
            return Map.of(); // it keeps no such lists
        }
    }
}
