package dev.larder.nodecache.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a blob that cannot be read: bad or missing content is forgotten, other troubles say nothing of it. */
class UnreadableContentTest {

    private static final byte[] BYTES = "some content".getBytes(StandardCharsets.UTF_8);
    private static final Digest DIGEST = Digest.sha256(BYTES);

    @TempDir
    Path folder;

    private DiskBlobStore store;
    private Path file;

    @BeforeEach
    void start() {
        store = new DiskBlobStore(folder, new SettableClock());
        file = store.paths().blob(DIGEST);
        try (PartialBlob partial = store.begin(DIGEST, BYTES.length)) {
            partial.append(ByteBuffer.wrap(BYTES));
            partial.commit();
        }
    }

    /** Puts something there that the system will not open, for a reason that has nothing to do with content. */
    static void refuse(Path file) throws IOException {
        Files.delete(file);
        Files.createSymbolicLink(file, Path.of("longer-than-a-name-may-be".repeat(20)));
    }

    private void cannotBeRead() {
        try (BlobLease lease = store.find(DIGEST).orElseThrow()) {
            assertThatThrownBy(lease::read).isInstanceOf(StoreFailure.class);
        }
    }

    private void cannotBeOpened() {
        try (BlobLease lease = store.find(DIGEST).orElseThrow()) {
            assertThatThrownBy(lease::open).isInstanceOf(StoreFailure.class);
        }
    }

    private boolean isKnown() {
        return store.list().stream().anyMatch(blob -> blob.digest().equals(DIGEST));
    }

    @Test
    void fileThatTheSystemRefusesToOpen_isKept() throws IOException {
        refuse(file);
        cannotBeRead();
        cannotBeOpened();
        assertThat(isKnown()).isTrue();
        Files.delete(file);
        Files.write(file, BYTES);
        try (BlobLease lease = store.find(DIGEST).orElseThrow()) {
            assertThat(lease.read()).isEqualTo(BYTES);
        }
    }

    @Test
    void missingFile_isForgotten() throws IOException {
        Files.delete(file);
        cannotBeOpened();
        assertThat(isKnown()).isFalse();
    }

    @Test
    void missingFile_isForgotten_whenItIsReadAsAWhole() throws IOException {
        Files.delete(file);
        cannotBeRead();
        assertThat(isKnown()).isFalse();
    }

    @Test
    void wrongSize_isForgotten() throws IOException {
        Files.write(file, new byte[1]);
        cannotBeOpened();
        assertThat(isKnown()).isFalse();
    }

    @Test
    void wrongBytes_areForgotten() throws IOException {
        Files.write(file, new byte[BYTES.length]);
        cannotBeRead();
        assertThat(isKnown()).isFalse();
    }

    @Test
    void folderInItsPlace_isForgotten() throws IOException {
        Files.delete(file);
        Files.createDirectory(file);
        cannotBeRead();
        assertThat(isKnown()).isFalse();
    }
}
