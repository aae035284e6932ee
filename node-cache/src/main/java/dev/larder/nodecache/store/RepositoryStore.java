package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryKey;
import java.time.Instant;
import java.util.Optional;

/**
 * What is known of each repository: which content its upstream has there, and when it was last open to everyone. Content
 * is served through a repository only if it is known to be in it. A disk that fails costs memory of this over a restart,
 * nothing else.
 */
public final class RepositoryStore {

    private final StoreIndex index;
    private final Journal journal;

    public RepositoryStore(DiskBlobStore blobs) {
        this.index = blobs.index();
        this.journal = blobs.journal();
    }

    public boolean holds(RepositoryKey key, Digest digest) {
        StoreIndex.Repository repository = index.find(key).orElse(null);
        if (repository == null) {
            return false;
        }
        BlobKey content = BlobKey.of(digest);
        BlobEntry entry = index.blobs.get(content);
        return (entry != null && entry.isIn(repository.number)) || index.isElsewhere(content, repository.number);
    }

    /** The upstream has this content in this repository. Of content that is not on the disk only the latest is remembered. */
    public void holdsNow(RepositoryKey key, Digest digest) {
        StoreIndex.Repository repository = repository(key);
        BlobKey content = BlobKey.of(digest);
        if (index.seenElsewhere(content, repository)) {
            return;
        }
        BlobEntry known = index.blobs.get(content);
        if (known != null && !known.isIn(repository.number)) {
            journal.change(() -> index.blobs.computeIfPresent(content, (k, entry) -> {
                entry.addTo(repository.alone);
                journal.note(to -> to.holds(repository.number, k));
                return entry;
            }));
        }
    }

    private StoreIndex.Repository repository(RepositoryKey key) {
        return index.find(key).orElseGet(() -> journal.change(() -> index.repository(key, journal::note)));
    }

    /** When the upstream last served something of this repository to a caller without credentials. */
    public Optional<Instant> publicAt(RepositoryKey key) {
        return index.find(key).filter(known -> known.openAt != 0).map(known -> StoreIndex.instant(known.openAt));
    }

    /** Written through only when it changes much: at most once in {@code grain} seconds. */
    public void publicNow(RepositoryKey key, Instant now, long grainSeconds) {
        StoreIndex.Repository known = repository(key);
        int before = known.openAt;
        int at = StoreIndex.seconds(now);
        if (before == 0 || before + grainSeconds < at) {
            openAt(known, at);
        } else {
            known.openAt = at;
        }
    }

    /** The upstream refused a caller without credentials. */
    public void privateNow(RepositoryKey key) {
        index.find(key).filter(known -> known.openAt != 0).ifPresent(known -> openAt(known, 0));
    }

    private void openAt(StoreIndex.Repository known, int at) {
        journal.change(() -> {
            known.openAt = at;
            journal.note(to -> to.open(known.number, at));
            return known;
        });
    }
}
