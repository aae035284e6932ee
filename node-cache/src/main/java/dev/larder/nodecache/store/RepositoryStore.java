package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryKey;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of each repository: which content its upstream has there, and when it was last open to everyone. Content
 * is served through a repository only if it is known to be in it. A disk that fails costs memory of this over a restart,
 * nothing else.
 */
public final class RepositoryStore {

    private final StorePaths paths;
    private final ConcurrentHashMap<RepositoryKey, Known> repositories = new ConcurrentHashMap<>();

    private static final class Known {
        final Set<Digest> digests = ConcurrentHashMap.newKeySet();
        volatile @Nullable Instant publicAt;
    }

    public RepositoryStore(DiskBlobStore blobs) {
        this.paths = blobs.paths();
    }

    public boolean holds(RepositoryKey key, Digest digest) {
        Known known = repositories.get(key);
        return known != null && known.digests.contains(digest);
    }

    /** The upstream has this content in this repository. */
    public void holdsNow(RepositoryKey key, Digest digest) {
        if (known(key).digests.add(digest)) {
            quietly(() -> RecordFile.write(paths.digest(key, digest), ""));
        }
    }

    /** When the upstream last served something of this repository to a caller without credentials. */
    public Optional<Instant> publicAt(RepositoryKey key) {
        Known known = repositories.get(key);
        return known == null ? Optional.empty() : Optional.ofNullable(known.publicAt);
    }

    /** Written through only when it changes much: at most once in {@code grain} seconds. */
    public void publicNow(RepositoryKey key, Instant now, long grainSeconds) {
        Known known = known(key);
        Instant before = known.publicAt;
        known.publicAt = now;
        if (before == null || before.plusSeconds(grainSeconds).isBefore(now)) {
            quietly(() -> RecordFile.write(paths.publicMark(key), now.toString()));
        }
    }

    /** The upstream refused a caller without credentials. */
    public void privateNow(RepositoryKey key) {
        Known known = repositories.get(key);
        if (known != null && known.publicAt != null) {
            known.publicAt = null;
            quietly(() -> delete(key));
        }
    }

    private void delete(RepositoryKey key) {
        try {
            Files.deleteIfExists(paths.publicMark(key));
        } catch (IOException e) {
            throw PartialBlob.failure("cannot remove " + paths.publicMark(key), e);
        }
    }

    /** Takes up what is on the disk. */
    void loaded(RepositoryKey key, Digest digest) {
        known(key).digests.add(digest);
    }

    /** Takes up what is on the disk. */
    void loaded(RepositoryKey key, Instant publicAt) {
        known(key).publicAt = publicAt;
    }

    private Known known(RepositoryKey key) {
        return repositories.computeIfAbsent(key, k -> new Known());
    }

    private static void quietly(Runnable write) {
        try {
            write.run();
        } catch (StoreFailure e) {
            // What is not remembered over a restart is asked upstream again; the disk's trouble shows in /status.
        }
    }
}
