package dev.larder.nodecache.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.fill.FillCoordinator;
import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.source.BlobStream;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.ContentSource;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.FetchedManifest;
import dev.larder.nodecache.source.Listing;
import dev.larder.nodecache.source.ListingRequest;
import dev.larder.nodecache.source.SourcePolicy;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Audience;
import dev.larder.nodecache.store.DiskBlobStore;
import dev.larder.nodecache.store.ManifestStore;
import dev.larder.nodecache.store.PartialBlob;
import dev.larder.nodecache.store.RepositoryStore;
import dev.larder.nodecache.store.StoredBlob;
import dev.larder.nodecache.store.TagStore;
import dev.larder.nodecache.store.VerdictFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What may be answered without waiting, and that it is the answer that waiting would bring. */
class ServeNowTest {

    private static final RepositoryKey REPOSITORY =
            new RepositoryKey(new RegistryHost("registry.test"), new RepositoryName("library/app"));
    private static final byte[] MANIFEST = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
    private static final Digest MANIFEST_DIGEST = Digest.sha256(MANIFEST);
    private static final Reference BY_TAG = new Reference.ByTag(new Tag("v1"));
    private static final Reference BY_DIGEST = new Reference.ByDigest(MANIFEST_DIGEST);
    private static final byte[] SMALL = "a config".getBytes(StandardCharsets.UTF_8);
    private static final byte[] LARGE = new byte[100_000];
    private static final Duration WAIT = Duration.ofSeconds(10);
    private static final SourcePolicy POLICY = new SourcePolicy(WAIT, WAIT, WAIT);

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock();
    private final Upstream upstream = new Upstream();
    private DiskBlobStore blobs;
    private RegistryService service;

    /** Has the one manifest and every blob, for whoever {@code audience} says. */
    private static final class Upstream implements ContentSource {
        private Audience audience = Audience.EVERYONE;
        private int asked;

        private <T> SourceResult<T> found(T value) {
            asked++;
            return new SourceResult.Found<>(value, audience);
        }

        @Override
        public SourceResult<Descriptor> headManifest(
                RepositoryName repository, Reference reference, Accept accept, Caller caller, Deadline deadline) {
            return found(new Descriptor(MediaType.OCI_MANIFEST, MANIFEST_DIGEST, MANIFEST.length));
        }

        @Override
        public SourceResult<FetchedManifest> getManifest(
                RepositoryName repository, Reference reference, Accept accept, Caller caller, Deadline deadline) {
            return found(new FetchedManifest(MediaType.OCI_MANIFEST, MANIFEST));
        }

        @Override
        public SourceResult<Long> headBlob(RepositoryName repository, Digest digest, Caller caller, Deadline deadline) {
            return found(1L);
        }

        @Override
        public SourceResult<BlobStream> openBlob(
                RepositoryName repository, Digest digest, long offset, Caller caller, Deadline deadline) {
            asked++;
            return new SourceResult.NotFound<>("no blobs here");
        }

        @Override
        public SourceResult<Listing> list(ListingRequest request, Caller caller, Deadline deadline) {
            asked++;
            return new SourceResult.NotFound<>("no lists here");
        }
    }

    @BeforeEach
    void start() {
        blobs = new DiskBlobStore(folder, clock);
        var stores = new RegistryService.Stores(
                blobs,
                new ManifestStore(blobs),
                new RepositoryStore(blobs),
                new TagStore(blobs),
                new VerdictFile(blobs));
        var fills = new FillCoordinator(
                blobs,
                new FillCoordinator.Threads(Thread::startVirtualThread, Thread::startVirtualThread),
                clock,
                new FillCoordinator.Settings(4, 4),
                (registry, result, took) -> {});
        RegistryDirectory directory = new RegistryDirectory();
        directory.replace(List.of(new CachedRegistry(
                REPOSITORY.registry(), upstream, POLICY, List.of(), List.of("secret/*"), List.of(), false)));
        service = new RegistryService(directory, stores, new FrozenTags(), fills, clock, Thread::startVirtualThread);
    }

    private static RegistryRequest request(Route route, boolean head, ByteRange range) {
        return new RegistryRequest(
                route,
                head,
                Accept.of(""),
                range,
                !range.equals(ByteRange.ALL),
                Caller.ANONYMOUS,
                RegistryRequest.AT_ONCE);
    }

    private static RegistryRequest get(Reference reference) {
        return request(new Route.Manifest(REPOSITORY, reference), false, ByteRange.ALL);
    }

    private static RegistryRequest get(Digest blob) {
        return request(new Route.Blob(REPOSITORY, blob), false, ByteRange.ALL);
    }

    private Digest put(byte[] bytes) {
        Digest digest = Digest.sha256(bytes);
        try (PartialBlob partial = blobs.begin(digest, bytes.length)) {
            partial.append(ByteBuffer.wrap(bytes));
            partial.commit();
        }
        return digest;
    }

    /** The answer of the waiting way, then twice that of the other; all three the same, the last two without the upstream. */
    private void isTheSameNow(RegistryRequest request) throws InterruptedException {
        service.serve(request).body().close();
        int asked = upstream.asked;
        RegistryResponse waited = service.serve(request);
        for (int i = 0; i < 2; i++) {
            Optional<RegistryResponse> now = service.serveNow(request);
            assertThat(now).as("%s", request.route()).isPresent();
            assertThat(now.get().outcome()).isEqualTo(Outcome.HIT).isEqualTo(waited.outcome());
            assertThat(now.get().headers()).isEqualTo(waited.headers());
            assertThat(now.get().partial()).isEqualTo(waited.partial());
            assertThat(now.get().body())
                    .usingRecursiveComparison()
                    .ignoringFields("lease")
                    .isEqualTo(waited.body());
            now.get().body().close();
        }
        waited.body().close();
        assertThat(upstream.asked).isEqualTo(asked);
        assertThat(blobs.list()).noneMatch(StoredBlob::leased);
    }

    @Test
    void whatIsKnownHere_isAnsweredNow_asItWouldBeOtherwise() throws Exception {
        Digest small = put(SMALL);
        Digest large = put(LARGE);
        ByteRange part = new ByteRange(2, 5);
        for (boolean head : new boolean[] {false, true}) {
            isTheSameNow(request(new Route.Manifest(REPOSITORY, BY_TAG), head, ByteRange.ALL));
            isTheSameNow(request(new Route.Manifest(REPOSITORY, BY_DIGEST), head, ByteRange.ALL));
            isTheSameNow(request(new Route.Blob(REPOSITORY, small), head, ByteRange.ALL));
            isTheSameNow(request(new Route.Blob(REPOSITORY, large), head, ByteRange.ALL));
        }
        isTheSameNow(request(new Route.Blob(REPOSITORY, small), false, part));
        isTheSameNow(request(new Route.Blob(REPOSITORY, large), false, part));
    }

    @Test
    void whatMustBeAskedFor_isNotAnsweredNow() throws Exception {
        Digest small = put(SMALL);
        for (RegistryRequest cold : List.of(get(BY_DIGEST), get(BY_TAG), get(small), get(put(LARGE)))) {
            assertThat(service.serveNow(cold))
                    .as("not known to be for everyone")
                    .isEmpty();
            service.serve(cold).body().close();
            assertThat(service.serveNow(cold)).isPresent().get().satisfies(a -> a.body()
                    .close());
        }
        assertThat(service.serveNow(request(new Route.Root(), false, ByteRange.ALL)))
                .isEmpty();
        assertThat(service.serveNow(request(new Route.Tags(REPOSITORY, ""), false, ByteRange.ALL)))
                .isEmpty();

        clock.advance(Duration.ofMinutes(5));
        assertThat(service.serveNow(get(BY_TAG))).as("not fresh").isEmpty();
        clock.advance(Duration.ofDays(8));
        assertThat(service.serveNow(get(small))).as("seen as open long ago").isEmpty();
        assertThat(blobs.list()).noneMatch(StoredBlob::leased);
    }

    @Test
    void whatIsForSomeCallersOnly_isNotAnsweredNow() throws Exception {
        upstream.audience = new Audience.OnlyCaller(clock.instant());
        for (RegistryRequest request : List.of(get(BY_TAG), get(BY_DIGEST), get(put(SMALL)), get(put(LARGE)))) {
            service.serve(request).body().close();
            assertThat(service.serveNow(request)).isEmpty();
        }
        assertThat(blobs.list()).noneMatch(StoredBlob::leased);
    }

    @Test
    void whatTheStoreHasDropped_isNotAnsweredNow() throws Exception {
        Digest small = put(SMALL);
        for (RegistryRequest request : List.of(get(BY_TAG), get(BY_DIGEST), get(small))) {
            service.serve(request).body().close();
            assertThat(service.serveNow(request)).isPresent();
        }
        assertThat(blobs.delete(small)).isTrue();
        assertThat(blobs.delete(MANIFEST_DIGEST)).isTrue();
        for (RegistryRequest request : List.of(get(BY_TAG), get(BY_DIGEST), get(small))) {
            assertThat(service.serveNow(request)).isEmpty();
        }
    }

    @Test
    void whatIsRefused_isRefusedNow() {
        Route secret = new Route.Blob(
                new RepositoryKey(REPOSITORY.registry(), new RepositoryName("secret/app")), MANIFEST_DIGEST);
        assertThatThrownBy(() -> service.serveNow(request(secret, false, ByteRange.ALL)))
                .isInstanceOf(ContentUnknown.class);
    }

    @Test
    void smallBlobThatIsNotWhatItsDigestSays_isNotServed_andForgotten() throws Exception {
        Digest small = put(SMALL);
        Path file = file(small);
        Files.writeString(file, "b config");
        assertThatThrownBy(() -> service.serve(get(small))).isInstanceOf(StoreFailure.class);
        assertThat(service.serveNow(get(small))).isEmpty();
        assertThat(blobs.list()).isEmpty();
    }

    private Path file(Digest digest) throws Exception {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.getFileName().toString().equals(digest.hex()))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
