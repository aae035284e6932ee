package dev.larder.nodecache.store;

import dev.larder.nodecache.store.StoreIndex.TagKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Bounds the tags whose manifest is not on the disk: nothing else would ever take them out of memory, since tags go with
 * the manifest that they mean, and whoever only asks what tags mean brings none. Safe for many threads.
 */
final class LooseTags {

    /** Those confirmed last; a tag costs some 700 bytes of the heap. */
    static final int MAX = 10_000;

    private final StoreIndex index;

    /** With so many tags it is time to look: a quarter more than last time, so that looking costs each tag little. */
    private volatile int due = more(MAX);

    /** One tag's meaning, as it was when it was found to be one too many. */
    record Loose(TagKey key, TagRecord record) {}

    LooseTags(StoreIndex index) {
        this.index = index;
    }

    private static int more(int tags) {
        return Math.max(tags, MAX) / 4 * 5;
    }

    /** Whether so many tags have come that {@link #tooMany} should be asked before its usual time. */
    boolean areDue() {
        return index.tags.size() > due;
    }

    boolean isLoose(TagRecord record) {
        return !index.blobs.containsKey(BlobKey.of(record.descriptor().digest()));
    }

    /**
     * Those beyond {@link #MAX}, for the caller to take out: the ones confirmed longest ago.
     *
     * @param spared whether the manifest is wanted here, so that its tags neither go nor count
     */
    List<Loose> tooMany(Predicate<BlobKey> spared) {
        if (index.tags.size() <= MAX) {
            return List.of();
        }
        due = Integer.MAX_VALUE; // one look at a time is enough
        List<Loose> loose = new ArrayList<>();
        for (Map.Entry<TagKey, TagRecord> tag : index.tags.entrySet()) {
            TagRecord record = tag.getValue();
            if (isLoose(record) && !spared.test(BlobKey.of(record.descriptor().digest()))) {
                loose.add(new Loose(tag.getKey(), record));
            }
        }
        int surplus = Math.max(0, loose.size() - MAX);
        due = more(index.tags.size() - surplus);
        if (surplus == 0) {
            return List.of();
        }
        loose.sort(Comparator.comparing(one -> one.record().checkedAt()));
        return List.copyOf(loose.subList(0, surplus));
    }
}
