package dev.larder.nodecache.evict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.store.BlobLease;
import dev.larder.nodecache.store.DiskBlobStore;
import dev.larder.nodecache.store.PartialBlob;
import dev.larder.nodecache.store.StoreProbe.Space;
import dev.larder.nodecache.store.StoredBlob;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvictionTest {

    private static final int BLOCK = 4096;

    private static Space bigDisk() {
        return new Space(1L << 40, 1L << 40);
    }

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            now = now.plusSeconds(1);
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };

    private static Digest digest(int n) {
        return new Digest("sha256", "%064x".formatted(n));
    }

    @Test
    void budget_whicheverBitesFirst() {
        StorageBudget budget = new StorageBudget(100, 50);
        assertThat(budget.excess(90, 1000, 20)).isEqualTo(10);
        assertThat(budget.excess(10, 60, 20)).isEqualTo(10);
        assertThat(budget.excess(10, 1000, 20)).isNegative();
    }

    @Test
    void roomIsMade_forWhatComes_andWhatIsServedStays() {
        DiskBlobStore store = new DiskBlobStore(folder, clock);
        AtomicInteger evicted = new AtomicInteger();
        Evictor evictor = new Evictor(
                store, EvictionTest::bigDisk, total -> new StorageBudget(4 * BLOCK, 0), evicted::incrementAndGet);
        store.use().roomMaker(evictor);
        for (int n = 1; n <= 4; n++) {
            put(store, digest(n), 250);
        }
        BlobLease served = store.find(digest(1)).orElseThrow();
        put(store, digest(5), 250);
        assertThat(store.list())
                .extracting(StoredBlob::digest)
                .contains(digest(1), digest(5))
                .doesNotContain(digest(2));
        assertThat(store.usedBytes()).isEqualTo(4 * BLOCK);
        assertThat(evicted).hasValue(1);
        assertThat(served.file()).exists();
        assertThat(evictor.reserve(4 * BLOCK + 1, true)).isFalse();
        assertThat(evictor.reserve(4 * BLOCK, true)).isFalse();
        // Nothing has gone for what could not fit anyway.
        assertThat(evicted).hasValue(1);
        served.close();
        assertThat(evictor.reserve(4 * BLOCK, true)).isTrue();
        assertThat(store.blobs()).isZero();
    }

    @Test
    void partialBlobs_countBeforeTheyAreWritten_andGiveBackWhatTheyDidNotNeed() {
        DiskBlobStore store = new DiskBlobStore(folder, clock);
        store.use()
                .roomMaker(
                        new Evictor(store, EvictionTest::bigDisk, total -> new StorageBudget(10 * BLOCK, 0), () -> {}));
        PartialBlob six = store.begin(digest(1), 6 * BLOCK);
        assertThat(store.usedBytes()).isEqualTo(6 * BLOCK);
        assertThat(store.use().unwritten()).isEqualTo(6 * BLOCK);
        assertThatThrownBy(() -> store.begin(digest(2), 5 * BLOCK))
                .isInstanceOf(StoreFailure.class)
                .hasMessageContaining("storage.size");
        assertThatThrownBy(() -> store.begin(digest(2), Long.MAX_VALUE)).isInstanceOf(StoreFailure.class);
        six.append(ByteBuffer.allocate(BLOCK + 1));
        assertThat(store.use().unwritten()).isEqualTo(5 * BLOCK - 1);
        six.commit();
        six.close();
        assertThat(store.usedBytes()).isEqualTo(2 * BLOCK);
        assertThat(store.use().unwritten()).isZero();
        store.begin(digest(2), 8 * BLOCK).close();
        assertThat(store.usedBytes()).isEqualTo(2 * BLOCK);
        assertThat(store.blobs()).isEqualTo(1);
    }

    @Test
    void freeSpaceIsKept_andPromisedRoomIsNotCountedAsFree() {
        DiskBlobStore store = new DiskBlobStore(folder, clock);
        // A disk of 20 blocks that has nothing but our files, where what is promised still looks free.
        Supplier<Space> disk = () -> new Space(
                20 * BLOCK, 20 * BLOCK - (store.use().held() - store.use().unwritten()));
        store.use().roomMaker(new Evictor(store, disk, total -> new StorageBudget(1 << 30, 10 * BLOCK), () -> {}));
        put(store, digest(1), 4 * BLOCK);
        PartialBlob promised = store.begin(digest(2), 5 * BLOCK);
        put(store, digest(3), 4 * BLOCK);
        assertThat(store.list()).extracting(StoredBlob::digest).containsExactly(digest(3));
        assertThatThrownBy(() -> store.begin(digest(4), 6 * BLOCK)).isInstanceOf(StoreFailure.class);
        promised.close();
    }

    @Test
    void blobsAreNoMoreThanMemoryHolds() {
        DiskBlobStore store = new DiskBlobStore(folder, clock);
        Evictor evictor =
                new Evictor(store, EvictionTest::bigDisk, total -> new StorageBudget(1 << 30, 0), () -> {}, 10);
        store.use().roomMaker(evictor);
        for (int n = 0; n < 30; n++) {
            put(store, digest(n), 10);
        }
        evictor.tend();
        assertThat(store.list())
                .extracting(StoredBlob::digest)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(20, 30).mapToObj(EvictionTest::digest).toList());
    }

    @Test
    void blobOfUnknownSize_takesRoomAsItGrows() {
        DiskBlobStore store = new DiskBlobStore(folder, clock);
        long mebi = 1 << 20;
        store.use()
                .roomMaker(new Evictor(
                        store, EvictionTest::bigDisk, total -> new StorageBudget(5 * mebi / 2, 0), () -> {}));
        try (PartialBlob growing = store.begin(digest(1), 0)) {
            assertThat(store.usedBytes()).isZero();
            growing.append(ByteBuffer.allocate(1));
            assertThat(store.usedBytes()).isEqualTo(mebi);
            growing.append(ByteBuffer.allocate((int) mebi));
            assertThat(store.usedBytes()).isEqualTo(2 * mebi);
            assertThatThrownBy(() -> growing.append(ByteBuffer.allocate((int) mebi)))
                    .isInstanceOf(StoreFailure.class);
        }
        assertThat(store.usedBytes()).isZero();
    }

    /** Whoever joined a fill late may open the file only after it was committed. */
    @Test
    void committedBlob_staysWhileItsPartialIsOpen() {
        DiskBlobStore store = new DiskBlobStore(folder, clock);
        PartialBlob partial = store.begin(digest(1), 10);
        partial.append(ByteBuffer.allocate(10));
        partial.commit();
        assertThat(store.delete(digest(1))).isFalse();
        partial.close();
        assertThat(store.delete(digest(1))).isTrue();
    }

    private static void put(DiskBlobStore store, Digest digest, int size) {
        try (PartialBlob partial = store.begin(digest, size)) {
            partial.append(ByteBuffer.allocate(size));
            partial.commit();
        }
    }
}
