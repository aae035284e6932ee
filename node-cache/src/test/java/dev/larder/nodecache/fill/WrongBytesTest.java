package dev.larder.nodecache.fill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.error.IntegrityFailure;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.BlobStream;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.ContentSource;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.FirstByteBudget;
import dev.larder.nodecache.source.SourceChain;
import dev.larder.nodecache.source.SourcePolicy;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.store.DiskBlobStore;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upstream with one rotten blob, before one that has it right. */
class WrongBytesTest {

    private static final byte[] RIGHT = new byte[1000];
    private static final byte[] WELL = new byte[2000];
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final SourcePolicy POLICY = new SourcePolicy(LIMIT, LIMIT, LIMIT);

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock();
    private final Digest digest = Digest.sha256(RIGHT);
    private final AtomicInteger secondAsked = new AtomicInteger();
    private final SourceChain chain = new SourceChain(
            List.of(source(new byte[] {1, 2, 3}, new AtomicInteger()), source(RIGHT, secondAsked)),
            new FirstByteBudget(LIMIT, List.of(Optional.empty(), Optional.empty())),
            clock);
    private DiskBlobStore store;
    private FillCoordinator fills;

    @BeforeEach
    void start() {
        store = new DiskBlobStore(folder, clock);
        fills = new FillCoordinator(
                store,
                new FillCoordinator.Threads(Thread::startVirtualThread, Thread::startVirtualThread),
                clock,
                new FillCoordinator.Settings(4, 4),
                (registry, result, took) -> {});
    }

    /** Sends these bytes for the one blob, and the right ones for any other. */
    private ContentSource source(byte[] bytes, AtomicInteger asked) {
        return (ContentSource) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ContentSource.class}, (proxy, method, args) -> {
                    asked.incrementAndGet();
                    return new SourceResult.Found<>(
                            new Whole(digest.equals(args[1]) ? bytes : WELL), SourceResult.Audience.EVERYONE);
                });
    }

    private static final class Whole implements BlobStream {
        private final byte[] bytes;
        private boolean read;

        Whole(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public String host() {
            return "registry.test";
        }

        @Override
        public long offset() {
            return 0;
        }

        @Override
        public OptionalLong totalSize() {
            return OptionalLong.of(bytes.length);
        }

        @Override
        public Duration idle() {
            return LIMIT;
        }

        @Override
        public @Nullable ByteBuffer read(Duration patience) {
            boolean over = read;
            read = true;
            return over ? null : ByteBuffer.wrap(bytes);
        }

        @Override
        public boolean hasMore() {
            return !read;
        }

        @Override
        public void blame(Fault fault) {}

        @Override
        public void close() {}
    }

    private Optional<FillReader> join(Digest wanted) throws InterruptedException {
        var request = new FillRequest(
                new RepositoryKey(new RegistryHost("registry.test"), new RepositoryName("library/app")),
                wanted,
                Caller.ANONYMOUS,
                chain,
                POLICY,
                audience -> {},
                0);
        return fills.join(request, Deadline.in(LIMIT), () -> {});
    }

    private void fill(Digest wanted) throws InterruptedException {
        assertThat(join(wanted)).isPresent();
        fills.awaitIdle(Deadline.in(LIMIT));
    }

    private boolean isStored(Digest wanted) {
        return store.find(wanted)
                .map(lease -> {
                    lease.close();
                    return true;
                })
                .orElse(false);
    }

    @Test
    void afterTheRefusal_theNextUpstreamIsAsked() throws InterruptedException {
        fill(digest);
        assertThatThrownBy(() -> join(digest)).isInstanceOf(IntegrityFailure.class);
        clock.advance(Duration.ofSeconds(31));
        Digest another = Digest.sha256(WELL);
        fill(another);
        assertThat(isStored(another)).isTrue();
        assertThat(secondAsked).as("what the first has right comes from there").hasValue(0);
        fill(digest);
        await().untilAsserted(() -> assertThat(isStored(digest)).isTrue());
        assertThat(secondAsked).hasValue(1);
    }
}
