package dev.larder.nodecache.mirror;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Platform;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.upstream.PushTarget;
import java.util.List;
import java.util.Map;

/**
 * An image to be copied to another registry.
 *
 * @param platforms of an index, those whose images are copied; empty for all. The index itself is copied as it is
 * @param attachments whether what refers to the image goes along: referrers, and the tags of cosign
 * @param tags that are to mean the image there
 * @param also other tags, and the images that they are to mean as far as those are there already
 */
public record CopyOrder(
        RepositoryKey source,
        Digest image,
        PushTarget target,
        List<Platform> platforms,
        boolean attachments,
        List<Tag> tags,
        Map<Tag, Digest> also) {

    public CopyOrder {
        platforms = List.copyOf(platforms);
        tags = List.copyOf(tags);
        also = Map.copyOf(also);
    }
}
