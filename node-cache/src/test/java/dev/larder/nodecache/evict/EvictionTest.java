package dev.larder.nodecache.evict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.store.BlobLease;
import dev.larder.nodecache.store.DiskBlobStore;
import dev.larder.nodecache.store.PartialBlob;
import dev.larder.nodecache.store.StoreProbe;
import dev.larder.nodecache.store.StoredBlob;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvictionTest {

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
    void victims_oldestFirstAndNoneThatIsLeased() {
        List<StoredBlob> blobs = List.of(
                new StoredBlob(digest(1), 10, Instant.ofEpochSecond(30), false),
                new StoredBlob(digest(2), 10, Instant.ofEpochSecond(10), true),
                new StoredBlob(digest(3), 10, Instant.ofEpochSecond(20), false));
        assertThat(EvictionPolicy.victims(blobs, 5)).containsExactly(digest(3));
        assertThat(EvictionPolicy.victims(blobs, 11)).containsExactly(digest(3), digest(1));
        assertThat(EvictionPolicy.victims(blobs, 1000)).containsExactly(digest(3), digest(1));
        assertThat(EvictionPolicy.victims(blobs, 0)).isEmpty();
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
                store, new StoreProbe(store), total -> new StorageBudget(1000, 0), evicted::incrementAndGet);
        store.roomMaker(evictor);
        for (int n = 1; n <= 4; n++) {
            put(store, digest(n), 250);
        }
        BlobLease served = store.find(digest(1)).orElseThrow();
        put(store, digest(5), 250);
        assertThat(store.list())
                .extracting(StoredBlob::digest)
                .contains(digest(1), digest(5))
                .doesNotContain(digest(2));
        assertThat(store.usedBytes()).isEqualTo(1000);
        assertThat(evicted).hasValue(1);
        assertThat(served.file()).exists();
        assertThat(evictor.makeRoom(1001)).isFalse();
        assertThat(evictor.makeRoom(1000)).isFalse();
        served.close();
        assertThat(evictor.makeRoom(1000)).isTrue();
        assertThat(store.blobs()).isZero();
    }

    private static void put(DiskBlobStore store, Digest digest, int size) {
        try (PartialBlob partial = store.begin(digest, size)) {
            partial.append(ByteBuffer.allocate(size));
            partial.commit();
        }
    }
}
