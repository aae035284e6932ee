package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Gives to user 65532 when run as root; else to the user that runs it, which every file then has already. */
class PrepareStorageMainTest {

    @TempDir
    private Path temp;

    private int user;
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void findUser() throws IOException {
        int self = uid(temp);
        user = self == 0 ? PrepareStorageMain.CACHE_USER : self;
    }

    private static int uid(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    }

    private int prepare(Path storage) throws IOException {
        Path config = temp.resolve("config.yaml");
        Files.writeString(config, """
                version: 1
                storage: {path: %s}
                registries: [{host: docker.io, upstreams: [{url: "https://registry-1.docker.io"}]}]
                """.formatted(storage));
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        return PrepareStorageMain.run(List.of("--config", config.toString()), user, stream, stream);
    }

    @Test
    void missing_isMadeForTheCacheAlone() throws IOException {
        Path storage = temp.resolve("var/lib/larder");
        assertThat(prepare(storage)).as("%s", err).isZero();
        assertThat(uid(storage)).isEqualTo(user);
        assertThat(Files.getPosixFilePermissions(storage)).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void contentOfAnother_isGivenToo_andLinksAreNotFollowed() throws IOException {
        Path storage = Files.createDirectories(temp.resolve("storage"));
        Path deep = Files.createDirectories(storage.resolve("blobs/sha256"));
        Path blob = Files.writeString(deep.resolve("aa"), "x");
        Path outside = Files.writeString(temp.resolve("outside"), "x");
        int before = uid(outside);
        Path link = Files.createSymbolicLink(storage.resolve("link"), outside);
        assertThat(prepare(storage)).as("%s", err).isZero();
        for (Path file : List.of(storage, storage.resolve("blobs"), deep, blob, link)) {
            assertThat(uid(file)).as("%s", file).isEqualTo(user);
        }
        assertThat(uid(outside)).isEqualTo(before);
    }

    @Test
    void folderThatIsRightAlready_isNotWalked() throws IOException {
        Path storage = temp.resolve("storage");
        assertThat(prepare(storage)).isZero();
        Path left = Files.createDirectory(storage.resolve("left"));
        int before = uid(left);
        FileTime changed = (FileTime) Files.getAttribute(storage, "unix:ctime");
        assertThat(prepare(storage)).isZero();
        assertThat(uid(left)).isEqualTo(before);
        assertThat(Files.getAttribute(storage, "unix:ctime")).isEqualTo(changed);
    }

    @Test
    void fileInItsPlace_isSaid() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "x");
        assertThat(prepare(file)).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("storage.path " + file)
                .contains("is not a folder")
                .contains("spec.storage.path");
    }

    @Test
    void placeThatCannotBeWritten_isSaid() throws IOException {
        assertThat(prepare(Path.of("/proc/larder"))).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("storage.path /proc/larder: /proc");
    }
}
