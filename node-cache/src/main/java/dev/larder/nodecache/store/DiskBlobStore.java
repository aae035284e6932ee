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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
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

    /** Locks for so many groups of digests. */
    private static final int NAMES = 64;

    private final StorePaths paths;
    private final Clock clock;
    private final StoreIndex index = new StoreIndex();
    private final DiskWatch watch;
    private final Journal journal;
    private final EvictionOrder order = new EvictionOrder(index);
    private final StoreUse use = new StoreUse();
    private final Removals removals;
    private final List<ReentrantLock> names =
            Stream.generate(ReentrantLock::new).limit(NAMES).toList();
    private final AtomicLong partialNumber = new AtomicLong();
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

    /**
     * Runs what may wait for the disk for a caller that must not.
     *
     * @throws StoreFailure its own, or when the disk does not answer in time
     */
    <T> T onDisk(Supplier<T> work) {
        watch.requireAnswers();
        CompletableFuture<T> done = new CompletableFuture<>();
        boolean begun = watch.later(() -> {
            try {
                done.complete(work.get());
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        try {
            if (begun) {
                return done.get(DiskWatch.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StoreFailure failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            // As if no thread had been free.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new StoreFailure(StoreFailure.Kind.IO, "the disk did not answer within " + DiskWatch.PATIENCE, null);
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

    /** The file turned out to be missing or bad: from now on it is not there, so that the next request fetches it. */
    void forget(BlobEntry entry) {
        if (claim(entry, e -> true)) {
            removals.later(() -> takeAway(entry));
        }
    }

    @Override
    public PartialBlob begin(Digest digest, long size) {
        watch.requireAnswers();
        Reservation room = Reservation.of(use, size);
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
        ReentrantLock name = name(key);
        name.lock();
        try (DiskWatch.Step _ = watch.step()) {
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
        } finally {
            name.unlock();
        }
    }

    private ReentrantLock name(BlobKey key) {
        return names.get(Math.floorMod(key.hashCode(), NAMES));
    }

    /** Runs it if the content is not in the store, and is not put there meanwhile. */
    void ifStranger(BlobKey key, Runnable action) {
        ReentrantLock name = name(key);
        name.lock();
        try {
            if (!index.blobs.containsKey(key)) {
                action.run();
            }
        } finally {
            name.unlock();
        }
    }

    @Override
    public boolean delete(Digest digest) {
        BlobEntry entry = index.blobs.get(BlobKey.of(digest));
        return entry != null && claim(entry, e -> e.leases == 0) && takeAwayOrKeep(entry);
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
        return entry != null && claim(entry, e -> e.leases == 0 && order.isStillDue(e)) && takeAwayOrKeep(entry);
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
        ReentrantLock name = name(entry.key);
        name.lock();
        try (DiskWatch.Step _ = watch.step()) {
            moveAway(file, leaving);
            dropped(entry);
        } catch (IOException e) {
            throw PartialBlob.failure("cannot remove " + file, e);
        } finally {
            name.unlock();
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
