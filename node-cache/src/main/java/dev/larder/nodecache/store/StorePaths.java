package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import java.nio.file.Path;

/**
 * Every path of the store. Names come only from validated values, so none can leave the root.
 *
 * <pre>
 * ROOT/v1/
 *   blobs/sha256/ab/abcd…     content, manifests included; verified before it got this name
 *   partial/abcd…-1           content on its way in or out; emptied at start
 *   index.snapshot, .log      what is known of it all: see Journal
 *   scrub                     the folder that is being read again: see Scrub
 *   identity.key, verdicts    who was let into what: see VerdictFile; for its owner's eyes only
 * </pre>
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

    Path scrub() {
        return root.resolve("scrub");
    }

    Path identityKey() {
        return root.resolve("identity.key");
    }

    Path verdicts() {
        return root.resolve("verdicts");
    }

    Path partial() {
        return root.resolve("partial");
    }

    private static Path fanOut(Path folder, Digest digest) {
        return folder.resolve(digest.algorithm())
                .resolve(digest.hex().substring(0, 2))
                .resolve(digest.hex());
    }
}
