package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.store.StoredImages;
import dev.larder.nodecache.store.TagRecord;
import dev.larder.nodecache.store.TagStore;
import java.time.Instant;
import java.util.Optional;

/**
 * What a tag means, and after a move what it meant before, for as long as the new image is not here as a whole and the old
 * one is: were the upstream to fail right after the move, the new manifest's content could not be had, and the old image
 * is the one that runs.
 */
final class TagMemory {

    /** Put behind the class of Accept; no class has it in its name. */
    private static final String BEFORE = "-before";

    private final TagStore tags;
    private final StoredImages images;

    TagMemory(TagStore tags, StoredImages images) {
        this.tags = tags;
        this.images = images;
    }

    /** A tag as clients of one class of Accept see it. */
    record Name(RepositoryKey repository, Tag tag, String answerClass) {}

    Optional<TagRecord> find(Name name) {
        return tags.find(name.repository(), name.tag(), name.answerClass());
    }

    /** Whether what it meant before is remembered: {@link #before} then reads the disk for whether it still counts. */
    boolean hasMoved(Name name) {
        return tags.find(name.repository(), name.tag(), name.answerClass() + BEFORE)
                .isPresent();
    }

    /** What the tag meant before it moved, while only that can be pulled from here; forgotten as soon as it need not. */
    Optional<TagRecord> before(Name name) {
        Optional<TagRecord> before = tags.find(name.repository(), name.tag(), name.answerClass() + BEFORE);
        if (before.isEmpty()) {
            return before;
        }
        boolean newIsHere = find(name)
                .filter(now -> images.isComplete(now.descriptor().digest()))
                .isPresent();
        if (newIsHere || !images.isComplete(before.get().descriptor().digest())) {
            forgetBefore(name);
            return Optional.empty();
        }
        return before;
    }

    /** The upstream says so now. */
    void put(Name name, Descriptor descriptor, Instant now) {
        Optional<TagRecord> old = find(name);
        if (old.isPresent() && !old.get().descriptor().digest().equals(descriptor.digest())) {
            if (images.isComplete(old.get().descriptor().digest())) {
                tags.put(name.repository(), name.tag(), name.answerClass() + BEFORE, old.get());
            } else if (before(name)
                    .filter(b -> b.descriptor().digest().equals(descriptor.digest()))
                    .isPresent()) {
                forgetBefore(name);
            }
        }
        tags.put(name.repository(), name.tag(), name.answerClass(), new TagRecord(descriptor, now));
    }

    void remove(Name name) {
        forgetBefore(name);
        tags.remove(name.repository(), name.tag(), name.answerClass());
    }

    private void forgetBefore(Name name) {
        tags.remove(name.repository(), name.tag(), name.answerClass() + BEFORE);
    }
}
