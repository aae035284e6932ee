package dev.larder.nodecache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.store.ManifestStore.StoredManifest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which blobs go first, when images share some of them. */
class ImageEvictionTest {

    private static final RepositoryKey REPOSITORY =
            new RepositoryKey(new RegistryHost("registry.test"), new RepositoryName("library/app"));

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock();
    private DiskBlobStore store;
    private ManifestStore manifests;
    private TagStore tags;

    @BeforeEach
    void start() {
        restart();
    }

    private void restart() {
        store = new DiskBlobStore(folder, clock);
        manifests = new ManifestStore(store);
        tags = new TagStore(store);
        new StoreRecovery(store).run();
    }

    private void tick() {
        clock.advance(java.time.Duration.ofHours(1));
    }

    private Digest blob(String content) {
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.sha256(bytes);
        try (PartialBlob partial = store.begin(digest, bytes.length)) {
            partial.append(ByteBuffer.wrap(bytes));
            partial.commit();
        }
        return digest;
    }

    private Digest manifest(MediaType type, Digest... needs) {
        String descriptors =
                Stream.of(needs).map(d -> "{\"digest\": \"" + d + "\"}").collect(Collectors.joining(","));
        byte[] bytes = ("{\"layers\":[" + descriptors + "]}").getBytes(StandardCharsets.UTF_8);
        Digest digest = Digest.sha256(bytes);
        manifests.put(digest, new StoredManifest(type, bytes));
        return digest;
    }

    private Digest image(Digest... needs) {
        return manifest(MediaType.OCI_MANIFEST, needs);
    }

    /** Evicts everything, one by one, and returns the order. */
    private List<Digest> evictAll() {
        List<Digest> order = new ArrayList<>();
        for (Digest digest : store.oldest(100, false)) {
            if (store.evict(digest, false)) {
                order.add(digest);
            }
        }
        return order;
    }

    @Test
    void leastRecentlyUsedImageGoesFirst_itsManifestBeforeItsBlobs() {
        Digest layerA = blob("layer a");
        Digest a = image(layerA);
        tick();
        Digest layerB = blob("layer b");
        Digest b = image(layerB);
        tick();
        assertThat(manifests.find(a)).isPresent();
        assertThat(evictAll()).containsExactly(b, layerB, a, layerA);
    }

    @Test
    void sharedLayer_isAsYoungAsTheYoungestImage() {
        Digest base = blob("base");
        Digest own = blob("own layer of the old one");
        Digest old = image(base, own);
        tick();
        Digest newer = blob("own layer of the new one");
        // The base is on the disk already, so nobody asks for it again.
        Digest young = image(base, newer);
        assertThat(evictAll()).startsWith(old, own, young).contains(base, newer);
        assertThat(evictAll()).isEmpty();
    }

    @Test
    void manifestGoes_beforeTheFirstOfItsBlobs_andItsTagsWithIt() {
        Digest layer = blob("layer");
        Digest config = blob("config");
        Digest image = image(config, layer);
        Tag tag = new Tag("v1");
        tags.put(
                REPOSITORY,
                tag,
                "x",
                new TagRecord(new Descriptor(MediaType.OCI_MANIFEST, image, 10), clock.instant()));
        tick();
        // The layer is read piece by piece long after the manifest was.
        store.find(layer).orElseThrow().close();
        List<Digest> order = store.oldest(100, false);
        assertThat(order).containsExactly(image, config, layer);
        assertThat(store.evict(image, false)).isTrue();
        assertThat(manifests.find(image)).isEmpty();
        assertThat(tags.find(REPOSITORY, tag, "x")).isEmpty();
        assertThat(store.find(layer)).isPresent();
    }

    @Test
    void indexIsOneImageWithItsManifests() {
        Digest layer = blob("layer");
        Digest child = image(layer);
        Digest index = manifest(MediaType.OCI_INDEX, child, Digest.sha256(new byte[] {1}));
        tick();
        Digest alone = blob("fetched by digest alone");
        tick();
        // A pod starts, and its node has everything: it asks only what the tag means.
        tags.put(
                REPOSITORY,
                new Tag("v1"),
                "x",
                new TagRecord(new Descriptor(MediaType.OCI_INDEX, index, 10), clock.instant()));
        assertThat(tags.find(REPOSITORY, new Tag("v1"), "x")).isPresent();
        assertThat(evictAll()).containsExactly(alone, index, child, layer);
    }

    @Test
    void whatIsServed_orWasUsedSinceTheOrderWasMade_stays() {
        Digest served = blob("served");
        Digest used = blob("used");
        Digest needed = blob("needed by a new image");
        Digest idle = blob("idle");
        tick();
        BlobLease lease = store.find(served).orElseThrow();
        List<Digest> order = store.oldest(100, false);
        tick();
        store.find(used).orElseThrow().close();
        Digest image = image(needed);
        Set<Digest> gone =
                order.stream().filter(digest -> store.evict(digest, false)).collect(Collectors.toSet());
        assertThat(gone).containsExactly(idle);
        assertThat(store.delete(served)).isFalse();
        lease.close();
        assertThat(manifests.find(image)).isPresent();
    }

    @Test
    void orderSurvivesARestart_withoutAWriteForEachUse() throws Exception {
        Digest a = image(blob("layer a"));
        tick();
        Digest b = image(blob("layer b"));
        tick();
        long before = java.nio.file.Files.size(store.journal().log());
        for (int i = 0; i < 1000; i++) {
            assertThat(manifests.find(a)).isPresent();
            clock.advance(java.time.Duration.ofMillis(100));
        }
        assertThat(java.nio.file.Files.size(store.journal().log()))
                .as("no request writes")
                .isEqualTo(before);
        store.tend();
        assertThat(java.nio.file.Files.size(store.journal().log())).isBetween(before + 1, before + 200);
        restart();
        assertThat(evictAll()).startsWith(b).hasSize(4);
        assertThat(store.blobs()).isZero();
    }

    @Test
    void emptyStore_isEmptyOnTheDiskToo() throws Exception {
        image(blob("layer a"));
        evictAll();
        try (Stream<Path> files = java.nio.file.Files.walk(folder)) {
            assertThat(files.filter(java.nio.file.Files::isRegularFile)
                            .map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrder("index.log", "index.snapshot");
        }
        assertThat(store.usedBytes()).isZero();
        assertThat(store.use().evictable()).isZero();
    }
}
