package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.Tag;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What each tag meant, by the class of Accept it was asked with. Kept over restarts. With a manifest go the tags that mean
 * it, so that none promises what is not there; of those whose manifest never came, only the latest are kept.
 */
public final class TagStore {

    private final DiskBlobStore blobs;
    private final StoreIndex index;
    private final Journal journal;

    public TagStore(DiskBlobStore blobs) {
        this.blobs = blobs;
        this.index = blobs.index();
        this.journal = blobs.journal();
        blobs.onGone(this::forget);
    }

    /** Asking for it counts as a use of the image it means. */
    public Optional<TagRecord> find(RepositoryKey repository, Tag tag, String answerClass) {
        TagRecord record = index.tags.get(new StoreIndex.TagKey(repository, tag, answerClass));
        if (record != null) {
            blobs.used(BlobKey.of(record.descriptor().digest()));
        }
        return Optional.ofNullable(record);
    }

    /** A disk that fails costs memory of it over a restart, nothing else. */
    public void put(RepositoryKey repository, Tag tag, String answerClass, TagRecord record) {
        StoreIndex.TagKey key = new StoreIndex.TagKey(repository, tag, answerClass.intern());
        journal.change(() -> index.tags.compute(key, (k, before) -> {
            int number = index.repository(repository, journal::note).number;
            journal.note(to -> to.tag(number, tag.value(), answerClass, record.format()));
            return record;
        }));
        blobs.pins().tagChanged(key);
        if (index.loose.areDue()) {
            tend();
        }
    }

    /** Forgets the oldest meanings of which nothing is stored here, beyond a bound. Called now and then. */
    public void tend() {
        for (LooseTags.Loose old : index.loose.tooMany(blobs.pins()::holds)) {
            remove(old.key(), record -> record.equals(old.record()) && index.loose.isLoose(record));
        }
    }

    /** The upstream has the tag no more. */
    public void remove(RepositoryKey repository, Tag tag, String answerClass) {
        remove(new StoreIndex.TagKey(repository, tag, answerClass), record -> true);
    }

    private void remove(StoreIndex.TagKey key, Predicate<TagRecord> condition) {
        journal.change(() -> index.tags.computeIfPresent(key, (k, before) -> {
            if (!condition.test(before)) {
                return before;
            }
            index.find(k.repository())
                    .ifPresent(known ->
                            journal.note(to -> to.tag(known.number, k.tag().value(), k.answerClass(), "")));
            return null;
        }));
        blobs.pins().tagChanged(key);
    }

    private void forget(BlobEntry gone) {
        if (gone.manifest != null) {
            var digest = gone.key.digest();
            index.tags.forEach((key, record) -> {
                if (record.descriptor().digest().equals(digest)) {
                    remove(key, before -> true);
                }
            });
        }
    }
}
