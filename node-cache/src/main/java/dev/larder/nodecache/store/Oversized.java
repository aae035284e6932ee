package dev.larder.nodecache.store;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Content of images that cannot fit as a whole. Its parts would push each other out, and all else with them; so they get
 * what room is free, and nothing goes for them. Known from their manifests, as those are kept. Safe for many threads.
 */
final class Oversized {

    private static final int MAX = 20_000;

    private final StoreUse use;
    private final Set<BlobKey> content = ConcurrentHashMap.newKeySet();

    Oversized(StoreUse use) {
        this.use = use;
    }

    /** Content that is about to be pulled together. */
    void expect(List<BlobKey> together, long bytes) {
        if (use.couldHold(bytes)) {
            together.forEach(content::remove);
        } else {
            if (content.size() > MAX) {
                content.clear();
            }
            content.addAll(together);
        }
    }

    boolean contains(BlobKey key) {
        return content.contains(key);
    }
}
