package dev.larder.nodecache.oci;

import java.util.List;

/**
 * A tag whose meaning does not come from its upstream.
 *
 * @param resource the MirroredImage that says so
 * @param digest what the tag means
 * @param before what it meant earlier, the latest first: kept where it is, so that there is a way back
 * @param platforms of an index, those to have on this disk; empty for this machine's own
 * @param open whether the upstream gave it without anybody's credentials when it was looked at last
 * @param keeping what this node does for it ahead of time
 */
public record MirroredTag(
        String resource,
        RepositoryKey repository,
        Tag tag,
        Digest digest,
        List<Digest> before,
        List<Platform> platforms,
        boolean open,
        Keeping keeping) {

    public MirroredTag {
        before = List.copyOf(before);
        platforms = List.copyOf(platforms);
    }

    public MirroredTag with(Keeping other) {
        return new MirroredTag(resource, repository, tag, digest, before, platforms, open, other);
    }
}
