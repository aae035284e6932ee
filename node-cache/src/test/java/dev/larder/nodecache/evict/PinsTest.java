package dev.larder.nodecache.evict;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.ImageName;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.store.DiskBlobStore;
import dev.larder.nodecache.store.ManifestStore;
import dev.larder.nodecache.store.ManifestStore.StoredManifest;
import dev.larder.nodecache.store.PartialBlob;
import dev.larder.nodecache.store.StoreProbe;
import dev.larder.nodecache.store.StoreRecovery;
import dev.larder.nodecache.store.TagRecord;
import dev.larder.nodecache.store.TagStore;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What pins hold, and what they do not; and what becomes of an image that is larger than the store. */
class PinsTest {

    private static final int BLOCK = 4096;
    private static final RepositoryKey REPOSITORY =
            new RepositoryKey(new RegistryHost("registry.test"), new RepositoryName("library/app"));

    @TempDir
    Path folder;

    private DiskBlobStore store;
    private ManifestStore manifests;
    private TagStore tags;
    private Evictor evictor;
    private long size = 12 * BLOCK;

    @BeforeEach
    void start() {
        store = new DiskBlobStore(folder, Clock.systemUTC());
        new StoreRecovery(store).run();
        manifests = new ManifestStore(store);
        tags = new TagStore(store);
        evictor = new Evictor(
                store, () -> new StoreProbe.Space(1L << 40, 1L << 40), total -> new StorageBudget(size, 0), () -> {});
        store.use().roomMaker(evictor);
    }

    private Digest blob(int number) {
        byte[] bytes = new byte[BLOCK];
        Arrays.fill(bytes, (byte) number);
        Digest digest = Digest.sha256(bytes);
        try (PartialBlob partial = store.begin(digest, bytes.length)) {
            partial.append(ByteBuffer.wrap(bytes));
            partial.commit();
        }
        return digest;
    }

    private static byte[] json(String field, long each, Digest... needs) {
        return Stream.of(needs)
                .map(digest -> "{\"digest\":\"" + digest + "\",\"size\":" + each + "}")
                .collect(Collectors.joining(",", "{\"" + field + "\":[", "]}"))
                .getBytes(StandardCharsets.UTF_8);
    }

    private Digest manifest(MediaType type, byte[] bytes) {
        Digest digest = Digest.sha256(bytes);
        manifests.put(digest, new StoredManifest(type, bytes));
        return digest;
    }

    private Digest image(Digest... layers) {
        return manifest(MediaType.OCI_MANIFEST, json("layers", BLOCK, layers));
    }

    private void tag(String name, Digest manifest) {
        tags.put(
                REPOSITORY,
                new Tag(name),
                "x",
                new TagRecord(
                        new Descriptor(MediaType.OCI_MANIFEST, manifest, 10),
                        Clock.systemUTC().instant()));
    }

    private void pin(String... references) {
        store.pins()
                .replace(Stream.of(references)
                        .map(reference -> ImageName.parse(REPOSITORY + reference))
                        .toList());
    }

    private boolean isHere(Digest digest) {
        return store.list().stream().anyMatch(blob -> blob.digest().equals(digest));
    }

    /** So much comes that everything goes that may. */
    private void flood() {
        for (int n = 0; n < 30; n++) {
            blob(100 + n);
        }
    }

    @Test
    void pinnedByTag_staysWhole_alsoWhatComesLater_andGoesWhenUnpinned() {
        pin(":v1");
        Digest image = image(Digest.sha256(new byte[] {9}), digestOf(1), digestOf(2));
        tag("v1", image);
        Digest first = blob(1);
        Digest other = blob(50);
        Digest second = blob(2);
        flood();
        assertThat(List.of(image, first, second)).allMatch(this::isHere);
        assertThat(isHere(other)).isFalse();
        assertThat(store.pins().bytes(false)).isEqualTo(3 * BLOCK);
        pin();
        flood();
        assertThat(List.of(image, first, second)).noneMatch(this::isHere);
        assertThat(store.pins().bytes(false)).isZero();
    }

    private static Digest digestOf(int number) {
        byte[] bytes = new byte[BLOCK];
        Arrays.fill(bytes, (byte) number);
        return Digest.sha256(bytes);
    }

    @Test
    void pinnedIndex_holdsThePlatformsThatAreHere() {
        Digest layer = blob(1);
        Digest platform = image(layer);
        Digest index = manifest(MediaType.OCI_INDEX, json("manifests", 400, platform, Digest.sha256(new byte[] {7})));
        pin("@" + index);
        flood();
        assertThat(List.of(index, platform, layer)).allMatch(this::isHere);
    }

    @Test
    void tagThatMoves_isHeldAsItIsNow() {
        pin(":v1");
        Digest oldLayer = blob(1);
        tag("v1", image(oldLayer));
        Digest newLayer = blob(2);
        Digest moved = image(newLayer);
        tag("v1", moved);
        flood();
        assertThat(isHere(oldLayer)).isFalse();
        assertThat(List.of(moved, newLayer)).allMatch(this::isHere);
    }

    @Test
    void pinsThatTakeMoreThanThereIs_breakNoBound() {
        Digest[] layers = new Digest[11];
        for (int n = 0; n < layers.length; n++) {
            layers[n] = blob(n);
        }
        tag("v1", image(layers));
        pin(":v1");
        assertThat(store.usedBytes()).isEqualTo(size);
        assertThat(evictor.reserve(BLOCK, true))
                .as("nothing of it goes for others")
                .isFalse();
        assertThat(store.pins().bytes(false)).isEqualTo(size);
        size = 4 * BLOCK;
        evictor.tend();
        assertThat(store.usedBytes()).isLessThanOrEqualTo(size);
    }

    @Test
    void imageThatCannotFit_takesOnlyWhatIsFree_andPushesNothingOut() {
        Digest good = blob(99);
        image(good);
        Digest[] layers = new Digest[20];
        for (int n = 0; n < layers.length; n++) {
            layers[n] = digestOf(n);
        }
        image(layers);
        int kept = 0;
        for (int n = 0; n < layers.length; n++) {
            try {
                blob(n);
                kept++;
            } catch (StoreFailure e) {
                assertThat(e.kind()).isEqualTo(StoreFailure.Kind.FULL);
            }
        }
        assertThat(isHere(good)).isTrue();
        assertThat(kept).isEqualTo(9);
        assertThat(layers).filteredOn(this::isHere).hasSize(9);
        // One layer of it by itself is part of an image that fits, and may push others out.
        image(layers[19]);
        assertThat(blob(19)).isEqualTo(layers[19]);
    }

    @Test
    void imageThatCannotFit_pushesNothingOut_alsoAfterARestart() {
        Digest good = blob(99);
        image(good);
        Digest[] layers = new Digest[20];
        for (int n = 0; n < layers.length; n++) {
            layers[n] = digestOf(n);
        }
        Digest large = image(layers);
        start();
        // The next pull begins with the manifest, which is a hit now.
        assertThat(manifests.find(large)).isPresent();
        for (int n = 0; n < layers.length; n++) {
            try {
                blob(n);
            } catch (StoreFailure e) {
                assertThat(e.kind()).isEqualTo(StoreFailure.Kind.FULL);
            }
        }
        assertThat(List.of(good, large)).allMatch(this::isHere);
        assertThat(layers).filteredOn(this::isHere).hasSize(9);
    }

    @Test
    void names() {
        assertThat(ImageName.parse("docker.io/library/nginx:1.27")).hasToString("docker.io/library/nginx:1.27");
        assertThat(ImageName.parse("localhost:5000/a/b:v1@" + digestOf(1)))
                .hasToString("localhost:5000/a/b@" + digestOf(1));
        for (String bad : List.of(
                "registry@sha256:a/b",
                "nginx:1",
                "docker.io/nginx",
                "docker.io:443/nginx",
                "docker.io/x:",
                "docker.io/x@v1",
                "/x:1")) {
            assertThatThrownBy(() -> ImageName.parse(bad))
                    .as(bad)
                    .isInstanceOf(dev.larder.nodecache.error.InvalidRequest.class);
        }
    }
}
