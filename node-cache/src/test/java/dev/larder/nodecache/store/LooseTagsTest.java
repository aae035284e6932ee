package dev.larder.nodecache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.ImageName;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.store.ManifestStore.StoredManifest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many tags are remembered whose manifest nobody has pulled, and which. */
class LooseTagsTest {

    private static final int MAX = LooseTags.MAX;
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
        store = new DiskBlobStore(folder, clock);
        manifests = new ManifestStore(store);
        tags = new TagStore(store);
        new StoreRecovery(store).run();
    }

    private static Digest digest(String content) {
        return Digest.sha256(content.getBytes(StandardCharsets.UTF_8));
    }

    private TagRecord record(Digest means) {
        clock.advance(Duration.ofSeconds(1));
        return new TagRecord(new Descriptor(MediaType.OCI_MANIFEST, means, 5), clock.instant());
    }

    private void put(String tag, Digest means) {
        tags.put(REPOSITORY, new Tag(tag), "x", record(means));
    }

    private void putLoose(int from, int to) {
        for (int n = from; n < to; n++) {
            put("loose-" + n, digest("nobody has pulled " + n));
        }
    }

    private boolean isKnown(String tag) {
        return tags.find(REPOSITORY, new Tag(tag), "x").isPresent();
    }

    private int known() {
        return store.index().tags.size();
    }

    private void oldestFiftyAreGone_andNoOther() {
        assertThat(known()).isEqualTo(MAX + 2);
        assertThat(isKnown("loose-49")).isFalse();
        assertThat(isKnown("loose-50")).isTrue();
        assertThat(isKnown("stored")).isTrue();
        assertThat(isKnown("pinned")).isTrue();
    }

    @Test
    void oldestGo_butNoneThatIsStoredOrPinned_alsoOverARestart() {
        byte[] bytes = "{}".getBytes(StandardCharsets.UTF_8);
        manifests.put(Digest.sha256(bytes), new StoredManifest(MediaType.OCI_MANIFEST, bytes));
        store.pins().replace(List.of(ImageName.parse(REPOSITORY + ":pinned")));
        put("stored", Digest.sha256(bytes));
        put("pinned", digest("will be pulled one day"));
        putLoose(0, MAX + 50);
        tags.tend();
        oldestFiftyAreGone_andNoOther();
        start();
        oldestFiftyAreGone_andNoOther();
    }

    @Test
    void confirmedAgain_isYoungAgain() {
        putLoose(0, MAX);
        putLoose(0, 1);
        putLoose(MAX, MAX + 1);
        tags.tend();
        assertThat(isKnown("loose-0")).isTrue();
        assertThat(isKnown("loose-1")).isFalse();
    }

    @Test
    void flood_isBoundedBetweenTwoLooks() {
        putLoose(0, 3 * MAX);
        assertThat(known()).isBetween(MAX, MAX / 4 * 5);
        assertThat(isKnown("loose-" + (3 * MAX - 1))).isTrue();
        assertThat(isKnown("loose-" + 2 * MAX)).isTrue();
    }

    @Test
    void journalWithTooMany_isReadWithinTheBound() {
        put("first", digest("first"));
        for (int n = 0; n < 3 * MAX; n++) {
            String means = record(digest("nobody has pulled " + n)).format();
            String name = "loose-" + n;
            store.journal().append(to -> to.tag(1, name, "x", means));
        }
        start();
        assertThat(known()).isBetween(MAX, MAX / 4 * 5);
        assertThat(isKnown("loose-" + (3 * MAX - 1))).isTrue();
        tags.tend();
        assertThat(known()).isEqualTo(MAX);
        assertThat(isKnown("loose-" + 2 * MAX)).isTrue();
    }
}
