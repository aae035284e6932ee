package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.Tag;
import java.nio.file.Path;

/**
 * Every path of the store. Names come only from validated values, so none can leave the root.
 *
 * <pre>
 * ROOT/v1/
 *   blobs/sha256/ab/abcd…                       content, manifests included; verified before it got this name
 *   manifests/sha256/ab/abcd…                   that manifest's media type
 *   repositories/docker.io/library/nginx/
 *     _digests/sha256-abcd…                     empty: the upstream has this content in this repository
 *     _public                                   when the upstream last served the repository to everyone
 *     _tags/1.27/2f                             what the tag meant, by class of Accept
 *   partial/                                    fills on their way; emptied at start
 * </pre>
 *
 * A repository's name cannot start a segment with an underscore, so the three names above are free.
 */
record StorePaths(Path root) {

    StorePaths {
        root = root.resolve("v1");
    }

    Path blobs() {
        return root.resolve("blobs");
    }

    Path blob(Digest digest) {
        return fanOut(blobs(), digest);
    }

    Path manifests() {
        return root.resolve("manifests");
    }

    Path manifest(Digest digest) {
        return fanOut(manifests(), digest);
    }

    Path partial() {
        return root.resolve("partial");
    }

    Path repositories() {
        return root.resolve("repositories");
    }

    Path repository(RepositoryKey key) {
        return repositories()
                .resolve(key.registry().value())
                .resolve(key.repository().value());
    }

    Path digest(RepositoryKey key, Digest digest) {
        return repository(key).resolve("_digests").resolve(digest.algorithm() + "-" + digest.hex());
    }

    Path publicMark(RepositoryKey key) {
        return repository(key).resolve("_public");
    }

    Path tag(RepositoryKey key, Tag tag, String answerClass) {
        return repository(key).resolve("_tags").resolve(tag.value()).resolve(answerClass);
    }

    private static Path fanOut(Path folder, Digest digest) {
        return folder.resolve(digest.algorithm())
                .resolve(digest.hex().substring(0, 2))
                .resolve(digest.hex());
    }
}
