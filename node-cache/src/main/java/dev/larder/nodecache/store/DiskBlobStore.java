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
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The blob store on one file system: files named by digest, an index in memory, kept over restarts by the {@link Journal}.
 *
 * <p>A file is named and removed under a lock of its digest, so that the two cannot cross; the index is never locked while
 * the disk works, so a disk that hangs holds up nobody who only looks. Whatever is in between has its file in the folder of
 * partial blobs, by its digest's name: after a kill, that says what to look at.
 */
public final class DiskBlobStore implements BlobStore {

    /** A use is written down at most so often; the order of eviction after a restart is no finer than this. */
    private static final int NOTE_EVERY_SECONDS = 600;

    private final StorePaths paths;
    private final Clock clock;
    private final StoreIndex index = new StoreIndex();
    private final DiskWatch watch;
    private final Journal journal;
    private final Pins pins = new Pins(index);
    private final EvictionOrder order = new EvictionOrder(index, pins);
    private final StoreUse use = new StoreUse();
    private final Oversized oversized = new Oversized(use);
    private final Removals removals;
    private final NameLocks names = new NameLocks();
    private final AtomicLong partialNumber = new AtomicLong();

    /** What was used and is yet to be written down; what is not here any more goes with the next look. */
    private final Set<BlobKey> unnoted = ConcurrentHashMap.newKeySet();

    private final List<Consumer<BlobEntry>> onGone = new CopyOnWriteArrayList<>();

    /** One that works in its callers' own threads. */
    public DiskBlobStore(Path root, Clock clock) {
        this(root, clock, Runnable::run);
    }

    /**
     * @param root exists and is writable
     * @param threads see {@link DiskWatch}
     */
    public DiskBlobStore(Path root, Clock clock, Executor threads) {
        this.paths = new StorePaths(root);
        this.clock = clock;
        this.watch = new DiskWatch(threads);
        this.journal = new Journal(paths, index, watch);
        this.removals = new Removals(watch, journal);
    }

    /** Whether the disk answers. */
    public DiskWatch watch() {
        return watch;
    }

    @Override
    public boolean hangs() {
        return watch.hangs();
    }

    /** What it holds of the disk, partial blobs included. */
    public StoreUse use() {
        return use;
    }

    @Override
    public Optional<BlobLease> find(Digest digest) {
        BlobKey key = BlobKey.of(digest);
        used(key);
        @Nullable BlobEntry[] found = new BlobEntry[1];
        index.blobs.computeIfPresent(key, (k, e) -> {
            if (!e.leaving) {
                take(e);
                found[0] = e;
            }
            return e;
        });
        return found[0] == null ? Optional.empty() : Optional.of(lease(digest, found[0]));
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

    /** Somebody wants the content, and with a manifest soon what it needs. Does not wait for the disk. */
    void used(BlobKey key) {
        order.used(key, now());
        BlobEntry entry = index.blobs.get(key);
        if (entry != null && entry.used - entry.noted > NOTE_EVERY_SECONDS) {
            unnoted.add(key);
        }
    }

    private void noteUses() {
        unnoted.removeIf(key -> {
            journal.change(() -> index.blobs.computeIfPresent(key, (k, e) -> {
                e.noted = e.used;
                journal.note(to -> to.used(key, e.noted));
                return e;
            }));
            return true;
        });
    }

    private int now() {
        return StoreIndex.seconds(clock.instant());
    }

    /** The file turned out to be missing or bad: from now on it is not there, so that the next request fetches it. */
    void forget(BlobEntry entry) {
        if (claim(entry, e -> true)) {
            removals.later(() -> takeAway(entry));
        }
    }

    @Override
    public PartialBlob begin(Digest digest, long size) {
        watch.requireAnswers();
        Reservation room = Reservation.of(use, size, !oversized.contains(BlobKey.of(digest)));
        Path file = passing(digest);
        try (DiskWatch.Step _ = watch.step()) {
            Files.createDirectories(paths.partial());
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new PartialBlob(
                    file,
                    paths.blob(digest),
                    channel,
                    room,
                    new PartialBlob.Disk(watch, removals),
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
        try (NameLocks.Held _ = names.lock(key);
                DiskWatch.Step _ = watch.step()) {
            if (index.blobs.containsKey(key)) {
                return null;
            }
            BlobEntry entry = new BlobEntry(key, size, now());
            // Before the file has its name, so that no kill can leave one that nobody knows.
            journal.append(to -> to.blob(key, size, entry.used));
            try {
                journal.flush();
                PartialBlob.moveInto(finished, paths.blob(digest));
            } catch (IOException | StoreFailure e) {
                journal.note(to -> to.gone(key));
                throw e;
            }
            entry.leases++;
            journal.change(() -> index.blobs.compute(key, (k, none) -> {
                // Once more, together with what is in memory: a snapshot may have come between.
                journal.note(to -> to.blob(key, size, entry.used));
                index.cameFrom(key).forEach(repository -> {
                    entry.addTo(repository.alone);
                    journal.note(to -> to.holds(repository.number, key));
                });
                return entry;
            }));
            return lease(digest, entry);
        }
    }

    /** Runs it if the content is not in the store, and is not put there meanwhile. */
    void ifStranger(BlobKey key, Runnable action) {
        try (NameLocks.Held _ = names.lock(key)) {
            if (!index.blobs.containsKey(key)) {
                action.run();
            }
        }
    }

    @Override
    public boolean delete(Digest digest) {
        BlobEntry entry = index.blobs.get(BlobKey.of(digest));
        return entry != null && claim(entry, e -> e.leases == 0) && takeAwayOrKeep(entry);
    }

    /** Bytes that eviction could give back now. */
    public long evictableBytes() {
        return use.evictable() - pins.bytes(true);
    }

    /**
     * The next to be evicted, first one first; at most {@code max}.
     *
     * @param pinned the pinned ones, else all others
     */
    public List<Digest> oldest(int max, boolean pinned) {
        return order.oldest(max, pinned);
    }

    /**
     * Removes what {@link #oldest} has named, unless it has been used since or is being served.
     *
     * @return whether it is gone
     * @throws StoreFailure when the disk fails
     */
    public boolean evict(Digest digest, boolean pinned) {
        BlobEntry entry = index.blobs.get(BlobKey.of(digest));
        return entry != null
                && claim(entry, e -> e.leases == 0 && order.isStillDue(e) && pins.holds(e.key) == pinned)
                && takeAwayOrKeep(entry);
    }

    private interface Condition {
        boolean holds(BlobEntry entry);
    }

    /** @return whether the caller is the one to take it away; nobody finds it any more then */
    private boolean claim(BlobEntry entry, Condition condition) {
        boolean[] claimed = new boolean[1];
        index.blobs.computeIfPresent(entry.key, (k, e) -> {
            claimed[0] = e == entry && !e.leaving && condition.holds(e);
            e.leaving |= claimed[0];
            return e;
        });
        return claimed[0];
    }

    private boolean takeAwayOrKeep(BlobEntry entry) {
        try {
            takeAway(entry);
            return true;
        } catch (StoreFailure e) {
            index.blobs.computeIfPresent(entry.key, (k, kept) -> {
                kept.leaving = false;
                return kept;
            });
            throw e;
        }
    }

    /** Removes what has been claimed. @throws StoreFailure when the disk fails; then it stays claimed */
    private void takeAway(BlobEntry entry) {
        Path file = paths.blob(entry.key.digest());
        Path leaving = passing(entry.key.digest());
        try (NameLocks.Held _ = names.lock(entry.key);
                DiskWatch.Step _ = watch.step()) {
            moveAway(file, leaving);
            dropped(entry);
        } catch (IOException e) {
            throw PartialBlob.failure("cannot remove " + file, e);
        }
        onGone.forEach(listener -> listener.accept(entry));
        removals.remove(leaving, () -> use.changed(-StoreUse.onDisk(entry.size)));
    }

    private static void moveAway(Path file, Path to) throws IOException {
        try {
            Files.move(file, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (NoSuchFileException gone) {
            // Then it is time to forget it.
        }
    }

    private void dropped(BlobEntry entry) {
        journal.change(() -> index.blobs.computeIfPresent(entry.key, (k, e) -> {
            journal.note(to -> to.gone(k));
            if (e.leases == 0) {
                use.evictable(-StoreUse.onDisk(e.size));
            }
            return null;
        }));
    }

    /** The content is a manifest that needs others. */
    void isManifest(BlobKey key, BlobEntry.Manifest manifest) {
        order.needed(manifest, now());
        journal.change(() -> index.blobs.computeIfPresent(key, (k, e) -> {
            journal.note(to -> to.manifest(k, manifest.mediaType(), manifest.needs()));
            e.manifest = manifest;
            return e;
        }));
        pins.manifestChanged(key);
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
        noteUses();
        removals.tryAgain();
        journal.tend();
    }

    /** Nothing is written after this; the next start finds everything in order. */
    public void close() {
        noteUses();
        journal.close();
    }

    /** Images that are not to be evicted. */
    public Pins pins() {
        return pins;
    }

    Oversized oversized() {
        return oversized;
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
