package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The blob store on one file system: files named by digest, an index in memory, kept over restarts by the {@link Journal}.
 *
 * <p>A file is named and removed under the index's lock on its digest, so that the two cannot cross. Whatever is in between
 * has its file in the folder of partial blobs, by its digest's name: after a kill, that says what to look at.
 */
public final class DiskBlobStore implements BlobStore {

    /** A use is written down at most so often; the order of eviction after a restart is no finer than this. */
    private static final int NOTE_EVERY_SECONDS = 600;

    private final StorePaths paths;
    private final Clock clock;
    private final StoreIndex index = new StoreIndex();
    private final Journal journal;
    private final EvictionOrder order = new EvictionOrder(index);
    private final StoreUse use = new StoreUse();
    private final Removals removals = new Removals();
    private final AtomicLong partialNumber = new AtomicLong();
    private final List<Consumer<BlobEntry>> onGone = new CopyOnWriteArrayList<>();

    /** @param root exists and is writable */
    public DiskBlobStore(Path root, Clock clock) {
        this.paths = new StorePaths(root);
        this.clock = clock;
        this.journal = new Journal(paths, index);
    }

    /** What it holds of the disk, partial blobs included. */
    public StoreUse use() {
        return use;
    }

    @Override
    public Optional<BlobLease> find(Digest digest) {
        BlobKey key = BlobKey.of(digest);
        used(key);
        @Nullable
        BlobEntry entry = index.blobs.computeIfPresent(key, (k, e) -> {
            take(e);
            return e;
        });
        return entry == null ? Optional.empty() : Optional.of(lease(digest, entry));
    }

    private BlobLease lease(Digest digest, BlobEntry entry) {
        return new BlobLease(digest, paths.blob(digest), entry.size, () -> release(entry), () -> forget(entry));
    }

    private void take(BlobEntry entry) {
        if (entry.leases++ == 0) {
            use.evictable(-StoreUse.onDisk(entry.size));
        }
    }

    private void release(BlobEntry entry) {
        index.blobs.computeIfPresent(entry.key, (k, present) -> {
            if (present == entry && --entry.leases == 0) {
                use.evictable(StoreUse.onDisk(entry.size));
            }
            return present;
        });
    }

    /** Somebody wants the content, and with a manifest soon what it needs. */
    void used(BlobKey key) {
        order.used(key, now());
        BlobEntry entry = index.blobs.get(key);
        if (entry != null && entry.used - entry.noted > NOTE_EVERY_SECONDS) {
            journal.change(() -> index.blobs.computeIfPresent(key, (k, e) -> {
                e.noted = e.used;
                journal.note(to -> to.used(key, e.noted));
                return e;
            }));
        }
    }

    private int now() {
        return StoreIndex.seconds(clock.instant());
    }

    /** The file turned out to be missing or bad: the next request fetches it. */
    void forget(BlobEntry entry) {
        remove(entry, e -> true);
    }

    @Override
    public PartialBlob begin(Digest digest, long size) {
        Reservation room = Reservation.of(use, size);
        Path file = passing(digest);
        try {
            Files.createDirectories(paths.partial());
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new PartialBlob(
                    file,
                    paths.blob(digest),
                    channel,
                    room,
                    removals,
                    (finished, length) -> keep(digest, finished, length));
        } catch (IOException e) {
            room.release();
            throw PartialBlob.failure("cannot create " + file, e);
        }
    }

    private Path passing(Digest digest) {
        return paths.partial().resolve(digest.hex() + "-" + partialNumber.incrementAndGet());
    }

    private @Nullable BlobLease keep(Digest digest, Path finished, long size) throws IOException {
        BlobKey key = BlobKey.of(digest);
        @Nullable IOException[] failed = new IOException[1];
        @Nullable BlobEntry[] kept = new BlobEntry[1];
        journal.change(() -> index.blobs.compute(key, (k, present) -> {
            if (present != null) {
                return present;
            }
            BlobEntry entry = new BlobEntry(key, size, now());
            journal.append(to -> to.blob(key, size, entry.used));
            try {
                PartialBlob.moveInto(finished, paths.blob(digest));
            } catch (IOException e) {
                journal.note(to -> to.gone(key));
                failed[0] = e;
                return null;
            }
            index.cameFrom(key).forEach(repository -> {
                entry.addTo(repository.alone);
                journal.note(to -> to.holds(repository.number, key));
            });
            entry.leases++;
            kept[0] = entry;
            return entry;
        }));
        if (failed[0] != null) {
            throw failed[0];
        }
        return kept[0] == null ? null : lease(digest, kept[0]);
    }

    @Override
    public boolean delete(Digest digest) {
        BlobEntry entry = index.blobs.get(BlobKey.of(digest));
        return entry != null && remove(entry, e -> e.leases == 0);
    }

    /** The next to be evicted, first one first; at most {@code max}. */
    public List<Digest> oldest(int max) {
        return order.oldest(max);
    }

    /**
     * Removes what {@link #oldest} has named, unless it has been used since or is being served.
     *
     * @return whether it is gone
     * @throws StoreFailure when the disk fails
     */
    public boolean evict(Digest digest) {
        BlobEntry entry = index.blobs.get(BlobKey.of(digest));
        return entry != null && remove(entry, e -> e.leases == 0 && order.isStillDue(e));
    }

    private interface Condition {
        boolean holds(BlobEntry entry);
    }

    private boolean remove(BlobEntry entry, Condition condition) {
        Digest digest = entry.key.digest();
        Path leaving = passing(digest);
        boolean[] removed = new boolean[1];
        journal.change(() -> index.blobs.computeIfPresent(entry.key, (k, e) -> {
            if (e != entry || !condition.holds(e)) {
                return e;
            }
            try {
                Files.move(paths.blob(digest), leaving, StandardCopyOption.ATOMIC_MOVE);
            } catch (NoSuchFileException gone) {
                // Then it is time to forget it.
            } catch (IOException failed) {
                throw PartialBlob.failure("cannot remove " + paths.blob(digest), failed);
            }
            journal.note(to -> to.gone(k));
            if (e.leases == 0) {
                use.evictable(-StoreUse.onDisk(e.size));
            }
            removed[0] = true;
            return null;
        }));
        if (removed[0]) {
            onGone.forEach(listener -> listener.accept(entry));
            removals.remove(leaving, () -> use.changed(-StoreUse.onDisk(entry.size)));
        }
        return removed[0];
    }

    /** The content is a manifest that needs others. */
    void isManifest(BlobKey key, BlobEntry.Manifest manifest) {
        order.needed(manifest, now());
        journal.change(() -> index.blobs.computeIfPresent(key, (k, e) -> {
            journal.note(to -> to.manifest(k, manifest.mediaType(), manifest.needs()));
            e.manifest = manifest;
            return e;
        }));
    }

    /** Takes up a blob that is on the disk. */
    void add(BlobEntry entry) {
        index.blobs.put(entry.key, entry);
        counted(entry);
    }

    /** Counts a blob of the index that is on the disk. */
    void counted(BlobEntry entry) {
        use.changed(StoreUse.onDisk(entry.size));
        use.evictable(StoreUse.onDisk(entry.size));
    }

    /** Told of everything that is not on the disk any more. */
    void onGone(Consumer<BlobEntry> listener) {
        onGone.add(listener);
    }

    @Override
    public List<StoredBlob> list() {
        return index.blobs.values().stream()
                .map(e -> new StoredBlob(e.key.digest(), e.size, StoreIndex.instant(e.used), e.leases > 0))
                .toList();
    }

    /** Bytes of disk, partial blobs and promised room included. */
    public long usedBytes() {
        return use.held();
    }

    public int blobs() {
        return index.blobs.size();
    }

    /** Looks after the index's files, and those that would not go. Called now and then by one thread. */
    public void tend() {
        removals.tryAgain();
        journal.tend();
    }

    /** Nothing is written after this; the next start finds everything in order. */
    public void close() {
        journal.close();
    }

    EvictionOrder order() {
        return order;
    }

    StorePaths paths() {
        return paths;
    }

    StoreIndex index() {
        return index;
    }

    Journal journal() {
        return journal;
    }
}
