package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.Tag;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What each tag meant, by the class of Accept it was asked with. Kept over restarts. */
public final class TagStore {

    private final StorePaths paths;
    private final ConcurrentHashMap<Key, TagRecord> records = new ConcurrentHashMap<>();

    private record Key(RepositoryKey repository, Tag tag, String answerClass) {}

    public TagStore(DiskBlobStore blobs) {
        this.paths = blobs.paths();
    }

    public Optional<TagRecord> find(RepositoryKey repository, Tag tag, String answerClass) {
        return Optional.ofNullable(records.get(new Key(repository, tag, answerClass)));
    }

    public void put(RepositoryKey repository, Tag tag, String answerClass, TagRecord record) {
        records.put(new Key(repository, tag, answerClass), record);
        try {
            RecordFile.write(paths.tag(repository, tag, answerClass), record.format());
        } catch (StoreFailure e) {
            // It lives in memory until the next start; the disk's trouble shows in /status.
        }
    }

    /** The upstream has the tag no more. */
    public void remove(RepositoryKey repository, Tag tag, String answerClass) {
        if (records.remove(new Key(repository, tag, answerClass)) != null) {
            try {
                Files.deleteIfExists(paths.tag(repository, tag, answerClass));
            } catch (IOException e) {
                // It would come back at the next start, be too old to be fresh, and be asked upstream again.
            }
        }
    }

    /** Takes up what is on the disk. */
    void loaded(RepositoryKey repository, Tag tag, String answerClass, TagRecord record) {
        records.put(new Key(repository, tag, answerClass), record);
    }
}
