package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The blob store on one file system: files named by digest, an index in memory, rebuilt from the disk at start.
 *
 * <p>When a blob was last used is its file's modification time, written back at most every {@link #TOUCH_AFTER}.
 */
public final class DiskBlobStore implements BlobStore {

    private static final Duration TOUCH_AFTER = Duration.ofMinutes(10);

    private final StorePaths paths;
    private final Clock clock;
    private final ConcurrentHashMap<Digest, Entry> index = new ConcurrentHashMap<>();
    private final StoreUse use = new StoreUse();
    private final AtomicLong partialNumber = new AtomicLong();

    /** Mutable parts are guarded by the index's own lock on the entry's key. */
    private static final class Entry {
        final long size;
        Instant lastUsed;
        Instant touched;
        int leases;

        Entry(long size, Instant lastUsed) {
            this.size = size;
            this.lastUsed = lastUsed;
            this.touched = lastUsed;
        }
    }

    /** @param root exists and is writable */
    public DiskBlobStore(Path root, Clock clock) {
        this.paths = new StorePaths(root);
        this.clock = clock;
    }

    /** What it holds of the disk, partial blobs included. */
    public StoreUse use() {
        return use;
    }

    @Override
    public Optional<BlobLease> find(Digest digest) {
        Instant now = clock.instant();
        @Nullable
        Entry entry = index.computeIfPresent(digest, (d, e) -> {
            e.leases++;
            e.lastUsed = now;
            return e;
        });
        return entry == null ? Optional.empty() : Optional.of(lease(digest, entry.size));
    }

    private BlobLease lease(Digest digest, long size) {
        return new BlobLease(digest, paths.blob(digest), size, () -> release(digest), () -> forget(digest));
    }

    private void release(Digest digest) {
        boolean[] touch = new boolean[1];
        Instant now = clock.instant();
        index.computeIfPresent(digest, (d, e) -> {
            e.leases--;
            touch[0] = e.touched.plus(TOUCH_AFTER).isBefore(now);
            e.touched = touch[0] ? now : e.touched;
            return e;
        });
        if (touch[0]) {
            touch(digest, now);
        }
    }

    private void forget(Digest digest) {
        index.computeIfPresent(digest, (d, e) -> {
            use.changed(-StoreUse.onDisk(e.size));
            return null;
        });
    }

    private void touch(Digest digest, Instant now) {
        try {
            Files.setLastModifiedTime(paths.blob(digest), FileTime.from(now));
        } catch (IOException e) {
            // Only the order of eviction after the next start suffers.
        }
    }

    @Override
    public PartialBlob begin(Digest digest, long size) {
        Reservation room = Reservation.of(use, size);
        Path file = paths.partial().resolve(digest.hex() + "-" + partialNumber.incrementAndGet());
        try {
            Files.createDirectories(paths.partial());
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            return new PartialBlob(
                    file, paths.blob(digest), channel, room, (finished, length) -> keep(digest, finished, length));
        } catch (IOException e) {
            room.release();
            throw PartialBlob.failure("cannot create " + file, e);
        }
    }

    // Naming and removing a file happen under the index's lock on its digest, so that the two cannot cross.
    private @Nullable BlobLease keep(Digest digest, Path finished, long size) throws IOException {
        @Nullable IOException[] failed = new IOException[1];
        boolean[] kept = new boolean[1];
        index.compute(digest, (d, present) -> {
            if (present != null) {
                return present;
            }
            try {
                PartialBlob.moveInto(finished, paths.blob(digest));
            } catch (IOException e) {
                failed[0] = e;
                return null;
            }
            Entry entry = new Entry(size, clock.instant());
            entry.leases++;
            kept[0] = true;
            return entry;
        });
        if (failed[0] != null) {
            throw failed[0];
        }
        return kept[0] ? lease(digest, size) : null;
    }

    /** Takes up a blob that is on the disk. */
    void add(Digest digest, long size, Instant lastUsed) {
        if (index.putIfAbsent(digest, new Entry(size, lastUsed)) == null) {
            use.changed(StoreUse.onDisk(size));
        }
    }

    @Override
    public boolean delete(Digest digest) {
        boolean[] removed = new boolean[1];
        index.computeIfPresent(digest, (d, e) -> {
            if (e.leases > 0) {
                return e;
            }
            try {
                Files.deleteIfExists(paths.blob(digest));
                Files.deleteIfExists(paths.manifest(digest));
            } catch (IOException failed) {
                throw PartialBlob.failure("cannot remove " + paths.blob(digest), failed);
            }
            removed[0] = true;
            use.changed(-StoreUse.onDisk(e.size));
            return null;
        });
        return removed[0];
    }

    @Override
    public List<StoredBlob> list() {
        return index.entrySet().stream()
                .map(e -> new StoredBlob(e.getKey(), e.getValue().size, e.getValue().lastUsed, e.getValue().leases > 0))
                .toList();
    }

    /** Bytes of disk, partial blobs and promised room included. */
    public long usedBytes() {
        return use.held();
    }

    public int blobs() {
        return index.size();
    }

    StorePaths paths() {
        return paths;
    }
}
