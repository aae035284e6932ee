package dev.larder.nodecache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.store.ManifestStore.StoredManifest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a manifest that the disk does not give. */
class ManifestStoreTest {

    private static final byte[] BYTES = "{}".getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digest.sha256(BYTES);

    @TempDir
    Path folder;

    private DiskBlobStore store;
    private Path file;

    @BeforeEach
    void start() {
        store = new DiskBlobStore(folder, new SettableClock());
        file = store.paths().blob(DIGEST);
        put();
    }

    private void put() {
        new ManifestStore(store).put(DIGEST, new StoredManifest(MediaType.OCI_MANIFEST, BYTES));
    }

    /** By a store that has nothing in memory. */
    private boolean isFound() {
        return new ManifestStore(store).find(DIGEST).isPresent();
    }

    private boolean isComplete() {
        return new StoredImages(store).isComplete(DIGEST);
    }

    @Test
    void missingFile_isForgotten_soThatItIsKeptAgain() throws IOException {
        Files.delete(file);
        assertThat(isFound()).isFalse();
        assertThat(isComplete()).isFalse();
        put();
        assertThat(isFound()).isTrue();
        assertThat(isComplete()).isTrue();
    }

    @Test
    void wrongBytes_areForgotten_soThatTheyAreKeptAgain() throws IOException {
        Files.write(file, new byte[BYTES.length]);
        assertThat(isFound()).isFalse();
        put();
        assertThat(isFound()).isTrue();
    }

    @Test
    void wrongBytes_onADiskThatRemovesNothing_areNotThere() throws IOException {
        Path partial = store.paths().partial();
        Files.write(file, new byte[BYTES.length]);
        Files.move(partial, partial.resolveSibling("away"));
        Files.createFile(partial);
        assertThat(isFound()).isFalse();
        assertThat(isFound()).isFalse();
        assertThat(isComplete()).isFalse();

        Files.delete(partial);
        Files.move(partial.resolveSibling("away"), partial);
        store.tend();
        put();
        assertThat(isFound()).isTrue();
    }

    @Test
    void fileThatTheSystemRefusesToOpen_isNotForgotten() throws IOException {
        UnreadableContentTest.refuse(file);
        assertThat(isFound()).isFalse();
        assertThat(isComplete()).isTrue();
        Files.delete(file);
        Files.write(file, BYTES);
        assertThat(isFound()).isTrue();
    }
}
