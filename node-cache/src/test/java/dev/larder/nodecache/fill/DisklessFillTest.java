package dev.larder.nodecache.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.BlobStream;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.ContentSource;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.SourcePolicy;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.store.BlobStore;
import dev.larder.nodecache.store.DiskBlobStore;
import dev.larder.nodecache.store.PartialBlob;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What readers of a fill get whose disk gave up in the middle, wherever they stand. */
class DisklessFillTest {

    private static final int SIZE = 1_000_000;
    private static final int WRITTEN = 300_000;
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final SourcePolicy POLICY = new SourcePolicy(Duration.ofSeconds(1), LIMIT, Duration.ofSeconds(5));

    @TempDir
    Path folder;

    private final byte[] bytes = new byte[SIZE];
    private final AtomicInteger opened = new AtomicInteger();
    private final List<BlobStream.Fault> blamed = new CopyOnWriteArrayList<>();
    private Digest digest;
    private Fill fill;
    private FillRequest request;
    private MessageDigest hash;
    /** After so many bytes each stream breaks. */
    private int breaksAfter = SIZE;

    private boolean knowsRanges = true;

    @BeforeEach
    void fillUntilTheDiskGivesUp() {
        new Random(1).nextBytes(bytes);
        digest = Digest.sha256(bytes);
        ContentSource source = (ContentSource) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ContentSource.class},
                (proxy, method, args) -> new SourceResult.Found<>(
                        new Stream(knowsRanges ? (long) args[2] : 0), SourceResult.Audience.EVERYONE));
        request = new FillRequest(
                new RepositoryKey(new RegistryHost("registry.test"), new RepositoryName("library/app")),
                digest,
                Caller.ANONYMOUS,
                source,
                POLICY,
                audience -> {},
                0);
        fill = new Fill(request);
        PartialBlob partial = new DiskBlobStore(folder, Clock.systemUTC()).begin(digest, SIZE);
        fill.opened(partial, OptionalLong.of(SIZE));
        partial.append(ByteBuffer.wrap(bytes, 0, WRITTEN));
        hash = digest.hasher();
        hash.update(bytes, 0, WRITTEN);
        fill.progress(WRITTEN);
    }

    private final class Stream implements BlobStream {
        private final long offset;
        private int at;

        Stream(long offset) {
            this.offset = offset;
            this.at = (int) offset;
            opened.incrementAndGet();
        }

        @Override
        public String host() {
            return "registry.test";
        }

        @Override
        public long offset() {
            return offset;
        }

        @Override
        public OptionalLong totalSize() {
            return OptionalLong.of(SIZE);
        }

        @Override
        public boolean hasMore() {
            return at < SIZE;
        }

        @Override
        public Duration idle() {
            return POLICY.idle();
        }

        @Override
        public @Nullable ByteBuffer read(Duration patience) {
            if (at - offset >= breaksAfter) {
                throw new UpstreamFailure(UpstreamFailure.Kind.UNREACHABLE, "registry.test", "it broke");
            }
            int count = Math.min(70_000, SIZE - at);
            at += count;
            return count == 0 ? null : ByteBuffer.wrap(bytes, at - count, count).slice();
        }

        @Override
        public void blame(Fault fault) {
            blamed.add(fault);
        }

        @Override
        public void close() {}
    }

    private FillReader reader(long from, long to) throws InterruptedException {
        assertThat(fill.enter()).isTrue();
        FillReader reader = new FillReader(fill, request, true);
        reader.range(from, to, Deadline.in(LIMIT));
        return reader;
    }

    private static byte[] some(FillReader reader, int atLeast) throws InterruptedException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer piece = ByteBuffer.allocate(16 * 1024);
        while (all.size() < atLeast && reader.read(piece.clear()) >= 0) {
            all.write(piece.array(), 0, piece.position());
        }
        return all.toByteArray();
    }

    private void diskGivesUp() {
        fill.diskless(hash, OptionalLong.of(SIZE), null);
    }

    @Test
    void readersAnywhereBehindTheWriter_getTheWholeBlob() throws InterruptedException {
        FillReader slow = reader(0, SIZE);
        FillReader level = reader(0, SIZE);
        FillReader late = reader(WRITTEN / 2, SIZE);
        byte[] begun = some(level, WRITTEN);
        diskGivesUp();
        assertThat(some(slow, SIZE)).isEqualTo(bytes);
        assertThat(some(late, SIZE)).isEqualTo(Arrays.copyOfRange(bytes, WRITTEN / 2, SIZE));
        byte[] rest = some(level, SIZE - begun.length);
        assertThat(rest).isEqualTo(Arrays.copyOfRange(bytes, begun.length, SIZE));
        assertThat(some(reader(0, SIZE), SIZE)).as("one that comes then").isEqualTo(bytes);
        assertThat(opened).hasValue(4);
    }

    @Test
    void streamThatBreaksThen_isTakenUpAgain() throws InterruptedException {
        FillReader reader = reader(0, SIZE);
        breaksAfter = 140_000;
        diskGivesUp();
        assertThat(some(reader, SIZE)).isEqualTo(bytes);
        assertThat(opened).hasValue(5);
        assertThat(blamed).as("so that another source may be preferred").hasSize(4);
    }

    @Test
    void sourceWithoutRanges_isReadFromItsStart() throws InterruptedException {
        FillReader reader = reader(0, SIZE);
        knowsRanges = false;
        diskGivesUp();
        assertThat(some(reader, SIZE)).isEqualTo(bytes);
    }

    @Test
    void partThatCannotBeVerified_isRefusedBeforeTheAnswer_orNeverEnded() throws InterruptedException {
        FillReader before = reader(0, WRITTEN);
        diskGivesUp();
        assertThatThrownBy(() -> some(before, WRITTEN)).hasMessageContaining("cannot be verified");
        assertThatThrownBy(() -> reader(0, WRITTEN)).hasMessageContaining("cannot be verified");
        assertThatThrownBy(() -> reader(10, 20)).hasMessageContaining("cannot be verified");
        assertThatThrownBy(() -> reader(WRITTEN + 1, SIZE)).hasMessageContaining("cannot be verified");
    }

    @Test
    void diskThatHangsAfterTheLastByte_holdsNoPlace() throws InterruptedException {
        AtomicBoolean hangs = new AtomicBoolean();
        BlobStore store = (BlobStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, args) -> hangs.get());
        CountDownLatch answers = new CountDownLatch(1);
        FillRun run = new FillRun(fill, store, Thread::startVirtualThread);
        assertThatThrownBy(() -> run.run(() -> {
                    fill.verified();
                    hangs.set(true);
                    answers.await();
                }))
                .hasMessageContaining("does not answer");
        answers.countDown();
    }

    @Test
    void wrongBytes_areNeverEndedAsIfComplete() throws InterruptedException {
        FillReader reader = reader(0, SIZE);
        bytes[SIZE - 1] ^= 1;
        diskGivesUp();
        assertThatThrownBy(() -> some(reader, SIZE)).hasMessageContaining(digest.toString());
        assertThat(blamed).hasSize(1);
    }
}
