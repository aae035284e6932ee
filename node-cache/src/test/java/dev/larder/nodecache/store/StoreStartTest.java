package dev.larder.nodecache.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.store.ManifestStore.StoredManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a start takes up, from a journal in good order and from any other. */
class StoreStartTest {

    private static final int BLOBS = 60;
    private static final RepositoryKey REPOSITORY =
            new RepositoryKey(new RegistryHost("registry.test"), new RepositoryName("library/app"));
    private static final Tag TAG = new Tag("v1");

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock();
    private DiskBlobStore store;
    private ManifestStore manifests;
    private RepositoryStore repositories;
    private TagStore tags;
    private StoreRecovery recovery;

    @BeforeEach
    void start() {
        store = new DiskBlobStore(folder, clock);
        manifests = new ManifestStore(store);
        repositories = new RepositoryStore(store);
        tags = new TagStore(store);
        recovery = new StoreRecovery(store);
        recovery.run();
    }

    private static byte[] content(int n) {
        return ("content " + n).repeat(n + 1).getBytes(java.nio.charset.StandardCharsets.UTF_8);
    }

    private static Digest digest(int n) {
        return Digest.sha256(content(n));
    }

    private void put(int n) {
        repositories.holdsNow(REPOSITORY, digest(n));
        try (PartialBlob partial = store.begin(digest(n), content(n).length)) {
            partial.append(ByteBuffer.wrap(content(n)));
            partial.commit();
        }
    }

    private void fill() {
        for (int n = 0; n < BLOBS; n++) {
            put(n);
        }
        byte[] bytes = ("{\"digest\": \"" + digest(0) + "\"}").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Digest manifest = Digest.sha256(bytes);
        manifests.put(manifest, new StoredManifest(MediaType.OCI_MANIFEST, bytes));
        repositories.holdsNow(REPOSITORY, manifest);
        repositories.publicNow(REPOSITORY, clock.instant(), 60);
        tags.put(
                REPOSITORY,
                TAG,
                "x",
                new TagRecord(new Descriptor(MediaType.OCI_MANIFEST, manifest, 5), clock.instant()));
        store.delete(digest(BLOBS - 1));
    }

    private Path file(String name) {
        return folder.resolve("v1").resolve(name);
    }

    private Path blob(int n) {
        return store.paths().blob(digest(n));
    }

    /** Every blob is there with its bytes, none more, and what is held is what they take. */
    private void blobsAreRight() throws IOException {
        assertThat(store.blobs()).isEqualTo(BLOBS);
        assertThat(store.find(digest(BLOBS - 1))).isEmpty();
        long held = 0;
        for (int n = 0; n < BLOBS - 1; n++) {
            try (BlobLease lease = store.find(digest(n)).orElseThrow()) {
                assertThat(lease.size()).isEqualTo(content(n).length);
                assertThat(Files.readAllBytes(lease.file())).isEqualTo(content(n));
            }
            held += StoreUse.onDisk(content(n).length);
        }
        assertThat(store.usedBytes()).isEqualTo(held + StoreUse.onDisk(1));
        try (Stream<Path> partial = Files.list(file("partial"))) {
            assertThat(partial).isEmpty();
        }
    }

    private void everythingIsKnown() {
        TagRecord record = tags.find(REPOSITORY, TAG, "x").orElseThrow();
        assertThat(record.checkedAt()).isEqualTo(clock.instant());
        assertThat(manifests.find(record.descriptor().digest()).orElseThrow().mediaType())
                .isEqualTo(MediaType.OCI_MANIFEST);
        assertThat(repositories.publicAt(REPOSITORY)).hasValue(clock.instant().truncatedTo(ChronoUnit.SECONDS));
        assertThat(repositories.holds(REPOSITORY, digest(7))).isTrue();
        assertThat(repositories.holds(REPOSITORY, record.descriptor().digest())).isTrue();
        assertThat(repositories.holds(new RepositoryKey(REPOSITORY.registry(), new RepositoryName("other")), digest(7)))
                .isFalse();
    }

    @Test
    void closedInOrder_looksAtNoBlob() throws IOException {
        fill();
        store.close();
        start();
        assertThat(recovery.looked()).isZero();
        everythingIsKnown();
        blobsAreRight();
    }

    @Test
    void killed_looksAtNoBlob() throws IOException {
        fill();
        start();
        assertThat(recovery.looked()).isZero();
        everythingIsKnown();
        blobsAreRight();
        start();
        assertThat(recovery.looked()).isZero();
        blobsAreRight();
    }

    @Test
    void snapshotWhileThingsChange_losesNone() throws IOException {
        fill();
        store.journal().compact();
        store.delete(digest(3));
        put(3);
        put(BLOBS - 1);
        store.delete(digest(BLOBS - 1));
        start();
        assertThat(recovery.looked()).isZero();
        everythingIsKnown();
        blobsAreRight();
    }

    @Test
    void snapshotsThatFail_leaveNothingThatIsReliedOn_untilOneSucceeds() throws IOException {
        fill();
        Files.createDirectory(file("index.next"));
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> store.journal().compact()).isInstanceOf(StoreFailure.class);
        }
        store.close();
        start();
        assertThat(recovery.looked()).isEqualTo(BLOBS);
        blobsAreRight();

        Files.delete(file("index.next"));
        store.journal().tend();
        store.close();
        start();
        assertThat(recovery.looked()).isZero();
        blobsAreRight();
    }

    private interface Damage {
        void to(StoreStartTest test) throws IOException;
    }

    private static Arguments damage(String what, Damage damage) {
        return Arguments.of(what, damage);
    }

    static List<Arguments> damages() {
        return List.of(
                damage("log is missing", t -> Files.delete(t.file("index.log"))),
                damage("snapshot is missing", t -> Files.delete(t.file("index.snapshot"))),
                damage("both are missing", t -> {
                    Files.delete(t.file("index.log"));
                    Files.delete(t.file("index.snapshot"));
                }),
                damage("log is a folder", t -> {
                    Files.delete(t.file("index.log"));
                    Files.createDirectory(t.file("index.log"));
                }),
                damage("log is empty", t -> Files.write(t.file("index.log"), new byte[0])),
                damage("log is another file", t -> Files.write(t.file("index.log"), content(30))),
                damage("log has a hole", t -> flip(t.file("index.log"), 2)),
                damage("log ends in the middle", t -> cut(t.file("index.log"), 7)),
                damage("snapshot has a wrong byte", t -> {
                    t.store.journal().compact();
                    flip(t.file("index.snapshot"), 3);
                }),
                damage("snapshot is cut off where an event ends", t -> {
                    t.store.journal().compact();
                    cut(t.file("index.snapshot"), JournalWriter.FRAME + 1);
                }),
                damage("machine went down", t -> t.store.journal().append(to -> to.opened("another boot"))));
    }

    private static void flip(Path file, int part) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / part] ^= 1;
        Files.write(file, bytes);
    }

    private static void cut(Path file, int bytes) throws IOException {
        byte[] all = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(all, all.length - bytes));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void journalThatCannotBeReliedOn_everyBlobIsLookedAt(String what, Damage damage) throws IOException {
        fill();
        damage.to(this);
        start();
        assertThat(recovery.looked()).isEqualTo(BLOBS);
        blobsAreRight();
        // And is in order again.
        start();
        assertThat(recovery.looked()).isZero();
        blobsAreRight();
    }

    @Test
    void blobsThatCameOrWent_whileTheMachineWasDown_areSeen() throws IOException {
        fill();
        store.journal().append(to -> to.opened("another boot"));
        Files.delete(blob(1));
        Files.write(blob(2), new byte[1]);
        Files.write(blob(BLOBS + 1), content(BLOBS + 1));
        Files.write(blob(2).resolveSibling("stranger"), content(1));
        start();
        assertThat(store.find(digest(1))).isEmpty();
        assertThat(store.find(digest(2)).orElseThrow().size()).isEqualTo(1);
        assertThat(store.find(digest(BLOBS + 1))).isPresent();
        assertThat(blob(2).resolveSibling("stranger")).doesNotExist();
        everythingIsKnown();
    }

    @Test
    void folderThatAnotherProgramChanged_isLookedAt() throws IOException {
        fill();
        store.close();
        Files.delete(blob(1));
        Files.setLastModifiedTime(
                blob(1).getParent(), FileTime.from(Instant.now().plus(Duration.ofHours(1))));
        start();
        assertThat(recovery.looked()).isBetween(0, BLOBS / 2);
        assertThat(store.find(digest(1))).isEmpty();
        assertThat(store.blobs()).isEqualTo(BLOBS - 1);
        start();
        assertThat(store.blobs()).isEqualTo(BLOBS - 1);
    }

    /** The steps of naming and of removing a blob, each as the disk is when the process is killed right after it. */
    @Test
    void killedInTheMiddle_ofNamingOrRemoving() throws IOException {
        fill();
        BlobKey fresh = BlobKey.of(digest(BLOBS));
        // Naming: told to the log, its file still on the way.
        store.journal().append(to -> to.blob(fresh, content(BLOBS).length, 1));
        Files.write(file("partial").resolve(digest(BLOBS).hex() + "-90"), content(BLOBS));
        // Removing: the file has left, the log does not know.
        Files.move(blob(4), file("partial").resolve(digest(4).hex() + "-91"));
        // Removing: the log knows, the file is still on the way out.
        Files.move(blob(6), file("partial").resolve(digest(6).hex() + "-92"));
        store.journal().append(to -> to.gone(BlobKey.of(digest(6))));
        start();
        assertThat(recovery.looked()).isZero();
        assertThat(store.find(digest(BLOBS))).isEmpty();
        assertThat(store.find(digest(4))).isEmpty();
        assertThat(store.find(digest(6))).isEmpty();
        assertThat(store.blobs()).isEqualTo(BLOBS - 2);
        put(4);
        put(6);
        blobsAreRight();
    }
}
