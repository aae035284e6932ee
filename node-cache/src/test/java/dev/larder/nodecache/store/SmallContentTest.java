package dev.larder.nodecache.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is kept in memory of small content, and what a reader's interrupt does to a blob. */
class SmallContentTest {

    @TempDir
    Path folder;

    private static Digest digest(int number) {
        return Digest.sha256(Integer.toString(number).getBytes(StandardCharsets.UTF_8));
    }

    private static Digest put(DiskBlobStore store, int seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        Digest digest = Digest.sha256(bytes);
        try (PartialBlob partial = store.begin(digest, size)) {
            partial.append(ByteBuffer.wrap(bytes));
            partial.commit();
        }
        return digest;
    }

    @Test
    void memoryIsBounded_theOldestGoesFirst() {
        RecentContent<byte[]> recent = new RecentContent<>(1000, bytes -> bytes.length);
        for (int i = 0; i < 20; i++) {
            recent.put(digest(i), new byte[100]);
            assertThat(recent.find(digest(0))).as("used all the time").isPresent();
        }
        assertThat(recent.find(digest(10))).isEmpty();
        assertThat(recent.find(digest(11))).isPresent();

        recent.forget(digest(0));
        recent.put(digest(1), new byte[100]);
        recent.put(digest(1), new byte[100]);
        assertThat(recent.find(digest(11))).as("there was room").isPresent();

        recent.put(digest(50), new byte[2000]);
        assertThat(recent.find(digest(50))).as("larger than all of it").isEmpty();
    }

    @Test
    void smallBlob_isReadOnce_andGoesWithItsFile() throws Exception {
        DiskBlobStore store = new DiskBlobStore(folder, new SettableClock());
        SmallBlobs small = new SmallBlobs(store);
        Digest digest = put(store, 1, 16 << 10);
        Digest large = put(store, 2, (16 << 10) + 1);
        try (BlobLease lease = store.find(digest).orElseThrow();
                BlobLease other = store.find(large).orElseThrow()) {
            assertThat(SmallBlobs.isSmall(lease)).isTrue();
            assertThat(SmallBlobs.isSmall(other)).isFalse();
            assertThat(small.isInMemory(lease)).isFalse();
            byte[] bytes = small.bytes(lease);
            assertThat(Digest.sha256(bytes)).isEqualTo(digest);
            assertThat(small.isInMemory(lease)).isTrue();
            Files.delete(lease.file());
            assertThat(small.bytes(lease)).isSameAs(bytes);
        }
        BlobLease before = store.find(digest).orElseThrow();
        before.close();
        assertThat(store.delete(digest)).isTrue();
        assertThat(small.isInMemory(before)).isFalse();
    }

    @Test
    void readerThatIsInterrupted_doesNotCostTheBlob() {
        DiskBlobStore store = new DiskBlobStore(folder, new SettableClock());
        Digest digest = put(store, 1, 1000);
        try (BlobLease lease = store.find(digest).orElseThrow()) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(lease::open).isInstanceOf(StoreFailure.class);
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(store.find(digest)).isPresent();
    }
}
