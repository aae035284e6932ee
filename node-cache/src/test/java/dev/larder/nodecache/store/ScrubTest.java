package dev.larder.nodecache.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reading again what is stored: what goes, what stays, and how fast. */
class ScrubTest {

    private static final Duration WEEK = Duration.ofDays(7);
    private static final int SIZE = 100_000;

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock();
    private final List<Digest> good = new ArrayList<>();
    private final List<Digest> bad = new ArrayList<>();
    private long read;
    private DiskBlobStore store;
    private Scrub scrub;

    @BeforeEach
    void start() {
        store = new DiskBlobStore(folder, clock);
        new StoreRecovery(store).run();
        scrub = new Scrub(store, new Scrub.Listener() {
            @Override
            public void read(long bytes) {
                read += bytes;
            }

            @Override
            public void judged(Digest digest, boolean isGood) {
                (isGood ? good : bad).add(digest);
            }
        });
    }

    private Digest put(int seed) {
        byte[] bytes = new byte[SIZE];
        new Random(seed).nextBytes(bytes);
        Digest digest = Digest.sha256(bytes);
        try (PartialBlob partial = store.begin(digest, SIZE)) {
            partial.append(ByteBuffer.wrap(bytes));
            partial.commit();
        }
        return digest;
    }

    private Path file(Digest digest) {
        return store.paths().blob(digest);
    }

    @Test
    void bookmarkThatMakesNoSense_stopsNoScrub() throws IOException {
        for (byte[] nonsense : new byte[][] {{0, 1, 2}, {(byte) 0xff, (byte) 0xfe}, {}, "../../etc".getBytes(UTF_8)}) {
            good.clear();
            Digest digest = put(1);
            Files.write(store.paths().scrub(), nonsense);
            for (int i = 0; i < 10; i++) {
                scrub.step(Duration.ofDays(1));
            }
            assertThat(good).contains(digest);
        }
    }

    @Test
    void badBlob_isDropped_andTheOthersStay() throws IOException {
        Digest first = put(1);
        Digest spoilt = put(2);
        Digest shorter = put(3);
        Digest missing = put(4);
        byte[] bytes = Files.readAllBytes(file(spoilt));
        bytes[SIZE / 2] ^= 1;
        Files.write(file(spoilt), bytes);
        Files.write(file(shorter), new byte[10]);
        Files.delete(file(missing));
        scrub.step(WEEK);
        assertThat(good).containsExactly(first);
        assertThat(bad).containsExactlyInAnyOrder(spoilt, shorter, missing);
        assertThat(store.list()).extracting(StoredBlob::digest).containsExactly(first);
        assertThat(file(spoilt)).doesNotExist();
        assertThat(store.usedBytes()).isEqualTo(StoreUse.onDisk(SIZE));
        assertThat(put(2)).isEqualTo(spoilt);
        assertThat(store.find(spoilt)).isPresent();
        start();
        assertThat(store.blobs()).isEqualTo(2);
    }

    @Test
    void fileThatNobodyKnows_goes() throws IOException {
        Path known = file(put(1));
        Path stranger = known.resolveSibling("0".repeat(64));
        Files.write(stranger, new byte[10]);
        scrub.step(WEEK);
        assertThat(stranger).doesNotExist();
        assertThat(known).exists();
    }

    @Test
    void roundTakesAWeek_andGoesOnAfterARestart() {
        for (int n = 0; n < 20; n++) {
            put(n);
        }
        // An hour at a time, so that nothing is read because of rounding up.
        for (int hour = 0; hour < 24 * 7 / 2; hour++) {
            scrub.step(Duration.ofHours(1));
        }
        assertThat(good).hasSizeBetween(5, 15);
        List<Digest> before = List.copyOf(good);
        scrub.close();
        start();
        good.clear();
        for (int hour = 0; hour < 24 * 7 / 2; hour++) {
            scrub.step(Duration.ofHours(1));
        }
        // Once more what is in the folder it was in, and none of those before.
        assertThat(good).hasSizeBetween(20 - before.size(), 20 - before.size() + 3);
        assertThat(bad).isEmpty();
    }

    @Test
    void itReadsNoFasterThanItsBound_howeverLongItWasAway() {
        for (int n = 0; n < 3; n++) {
            put(n);
        }
        scrub.step(Duration.ofDays(365));
        assertThat(read).isBetween(1L, 10L << 20);
        // Scrubbing is no use of a blob, and keeps none from eviction.
        assertThat(store.use().evictable()).isEqualTo(3 * StoreUse.onDisk(SIZE));
    }
}
