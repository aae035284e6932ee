package dev.larder.nodecache.containerd;

import static dev.larder.nodecache.containerd.HostsTomlTest.dockerHub;
import static dev.larder.nodecache.containerd.HostsTomlTest.upstream;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostsTomlWriterTest {

    static final String CACHE = "http://127.0.0.1:5151";
    static final String FOREIGN = "server = \"https://s\"\n[host.\"https://corp\"]\n";

    @TempDir
    private Path etc;

    private Path root;

    @BeforeEach
    void rootExists() throws IOException {
        root = Files.createDirectory(etc.resolve("certs.d"));
    }

    private HostsTomlWriter writer() {
        return writer(root, "default");
    }

    static HostsTomlWriter writer(Path root, String resource) {
        return new HostsTomlWriter(root, Path.of("/etc/containerd/certs.d"), resource, url -> false, new DiskSteps());
    }

    /** Every path below a folder with what makes it the same: content, owner, mode, time, inode. */
    static Map<String, String> snapshot(Path folder) throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.toList()) {
                Map<String, Object> about = new TreeMap<>(Files.readAttributes(
                        path, "unix:ino,mode,uid,gid,lastModifiedTime", LinkOption.NOFOLLOW_LINKS));
                if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                    about.remove("lastModifiedTime"); // an entry more and less again is seen there
                }
                String content = Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? Files.readString(path) : "";
                all.put(folder.relativize(path).toString(), about + content);
            }
        }
        return all;
    }

    private Path file(String name) {
        return root.resolve(name);
    }

    private Path foreign(String folder, String content) throws IOException {
        Files.createDirectories(file(folder));
        Path file = Files.writeString(file(folder).resolve("hosts.toml"), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        Files.setLastModifiedTime(file, FileTime.from(Instant.parse("2024-02-03T04:05:06.789Z")));
        return file;
    }

    @Test
    void newRegistry_getsAFolderThatGoesAgain() throws IOException {
        var before = snapshot(etc);
        assertThat(writer().write(dockerHub())).isEqualTo(new HostsTomlWriter.Placed(true, false, ""));
        assertThat(file("docker.io/hosts.toml")).content().startsWith("# Managed by Larder, RegistryCache default");
        assertThat(Files.getPosixFilePermissions(file("docker.io/hosts.toml")))
                .isEqualTo(PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(Files.getPosixFilePermissions(file("docker.io")))
                .isEqualTo(PosixFilePermissions.fromString("rwxr-xr-x"));
        writer().restoreAllBut(List.of());
        assertThat(snapshot(etc)).isEqualTo(before);
    }

    @Test
    void writtenTwice_touchesNothing() throws IOException {
        writer().write(dockerHub());
        var once = snapshot(etc);
        writer().write(dockerHub());
        assertThat(snapshot(etc)).isEqualTo(once);
    }

    @Test
    void foreignFile_comesBackAsTheVerySameFile() throws IOException {
        foreign("docker.io", FOREIGN);
        var before = snapshot(etc);
        assertThat(writer().write(dockerHub())).isEqualTo(new HostsTomlWriter.Placed(true, true, ""));
        assertThat(file("docker.io/hosts.toml")).content().contains(CACHE).contains("https://corp");
        writer().write(dockerHub());
        writer().restoreAllBut(List.of());
        assertThat(snapshot(etc)).isEqualTo(before);
    }

    @Test
    void foreignEmptyFolder_stays() throws IOException {
        Files.createDirectory(file("docker.io"));
        var before = snapshot(etc);
        writer().write(dockerHub());
        writer().restoreAllBut(List.of());
        assertThat(snapshot(etc)).isEqualTo(before);
    }

    @Test
    void malformedForeignFile_isReportedAndLeftAlone() throws IOException {
        foreign("docker.io", "server = \n");
        var before = snapshot(etc);
        HostsTomlWriter.Placed placed = writer().write(dockerHub());
        assertThat(placed.present()).isFalse();
        assertThat(placed.message())
                .contains("/etc/containerd/certs.d/docker.io/hosts.toml")
                .contains("line 1");
        assertThat(snapshot(etc)).isEqualTo(before);
        foreign("docker.io", FOREIGN);
        assertThat(writer().write(dockerHub()).present()).isTrue();
    }

    @Test
    void oursEditedOrDeleted_isWrittenAgain() throws IOException {
        writer().write(dockerHub());
        String text = Files.readString(file("docker.io/hosts.toml"));
        Files.writeString(file("docker.io/hosts.toml"), text.replace("5151", "6666"));
        writer().write(dockerHub());
        assertThat(file("docker.io/hosts.toml")).hasContent(text);
        Files.delete(file("docker.io/hosts.toml"));
        writer().write(dockerHub());
        assertThat(file("docker.io/hosts.toml")).hasContent(text);
        Files.delete(file("docker.io/hosts.toml"));
        Files.delete(file("docker.io/.larder-folder"));
        Files.delete(file("docker.io"));
        writer().write(dockerHub());
        assertThat(file("docker.io/hosts.toml")).hasContent(text);
    }

    @Test
    void oursDeletedWhileItIsBeingWritten_isWrittenAgain() throws IOException {
        HostsTomlWriter writer = new HostsTomlWriter(root, root, "default", url -> false, new DiskSteps(step -> {
            if (step.equals("sync " + root)) { // the last step of a first write
                deleteUnchecked(file("docker.io/hosts.toml"));
            }
        }));
        writer.write(dockerHub());
        assertThat(file("docker.io/hosts.toml")).doesNotExist();
        writer.write(dockerHub());
        assertThat(file("docker.io/hosts.toml")).exists();
    }

    @Test
    void editAmongQuietRounds_isUndone() throws IOException {
        HostsTomlWriter writer = writer();
        writer.write(dockerHub());
        String text = Files.readString(file("docker.io/hosts.toml"));
        for (int round = 0; round < 5; round++) {
            writer.write(dockerHub());
        }
        Files.writeString(file("docker.io/hosts.toml"), text.replace("5151", "6666"));
        for (int round = 0; round < 12; round++) {
            writer.write(dockerHub());
            writer.write(new HostsEntry("quay.io", CACHE, List.of(upstream("https://quay.io"))));
        }
        assertThat(file("docker.io/hosts.toml")).hasContent(text);
    }

    private static void deleteUnchecked(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void oursDeletedOverAForeignOne_keepsTheOriginal() throws IOException {
        foreign("docker.io", FOREIGN);
        var before = snapshot(etc);
        writer().write(dockerHub());
        Files.delete(file("docker.io/hosts.toml"));
        writer().write(dockerHub());
        assertThat(file("docker.io/hosts.toml")).content().contains(CACHE).contains("https://corp");
        writer().restoreAllBut(List.of());
        assertThat(snapshot(etc)).isEqualTo(before);
    }

    @Test
    void newForeignFileOverOurs_becomesTheOriginal() throws IOException {
        foreign("docker.io", FOREIGN);
        writer().write(dockerHub());
        Files.delete(file("docker.io/hosts.toml"));
        foreign("docker.io", "[host.\"https://newer\"]\n");
        writer().write(dockerHub());
        assertThat(file("docker.io/hosts.toml"))
                .content()
                .contains("https://newer")
                .doesNotContain("https://corp");
        writer().restoreAllBut(List.of());
        assertThat(file("docker.io")).isDirectoryContaining("glob:**/hosts.toml");
        assertThat(DiskSteps.names(file("docker.io"))).containsExactly("hosts.toml");
        assertThat(file("docker.io/hosts.toml")).hasContent("[host.\"https://newer\"]\n");
    }

    @Test
    void newForeignFileInAFolderWeMade_staysWithItsFolder() throws IOException {
        writer().write(dockerHub());
        Files.delete(file("docker.io/hosts.toml"));
        foreign("docker.io", FOREIGN);
        writer().restoreAllBut(List.of());
        assertThat(DiskSteps.names(file("docker.io"))).containsExactly("hosts.toml");
        assertThat(file("docker.io/hosts.toml")).hasContent(FOREIGN);
    }

    @Test
    void somebodysFileInAFolderWeMade_staysWithItsFolder() throws IOException {
        writer().write(dockerHub());
        Files.writeString(file("docker.io/notes.txt"), "mine");
        writer().restoreAllBut(List.of());
        assertThat(DiskSteps.names(file("docker.io"))).containsExactly("notes.txt");
    }

    @Test
    void rootWeMade_goesWithTheFoldersAboveIt() throws IOException {
        Path deep = etc.resolve("a/b/certs.d");
        writer(deep, "default").write(dockerHub());
        assertThat(deep.resolve("docker.io/hosts.toml")).exists();
        writer(deep, "default").restoreAllBut(List.of());
        assertThat(DiskSteps.names(etc)).containsExactly("certs.d");
    }

    @Test
    void rootWeMade_staysWhenSomebodyUsesIt() throws IOException {
        Files.delete(root);
        writer().write(dockerHub());
        Files.createDirectory(file("quay.io"));
        writer().restoreAllBut(List.of());
        assertThat(DiskSteps.names(root)).contains("quay.io").doesNotContain("docker.io");
        assertThat(root).exists();
    }

    @Test
    void certificatesWithoutHostsToml_stayInUse() throws IOException {
        Files.createDirectory(file("docker.io"));
        Files.writeString(file("docker.io/corp.crt"), "pem");
        Files.writeString(file("docker.io/me.cert"), "pem");
        Files.writeString(file("docker.io/me.key"), "pem");
        Files.writeString(file("docker.io/both.cert"), "pem");
        var before = snapshot(etc);
        assertThat(writer().write(dockerHub()).foreign()).isTrue();
        assertThat(file("docker.io/hosts.toml"))
                .content()
                .contains("ca = [\"corp.crt\"]")
                .contains("client = [\"both.cert\", [\"me.cert\", \"me.key\"]]")
                .doesNotContain("server");
        writer().restoreAllBut(List.of());
        assertThat(snapshot(etc)).isEqualTo(before);
    }

    @Test
    void defaultFolder_isNotHiddenByOurs() throws IOException {
        foreign("_default", """
                ca = "root.pem"
                [host."https://corp"]
                  ca = ["a.pem", "/etc/b.pem"]
                  client = [["c.pem", "d.pem"]]
                  [host."https://corp".header]
                    x = "y"
                """);
        var before = snapshot(etc);
        assertThat(writer().write(dockerHub()).foreign()).isTrue();
        assertThat(file("docker.io/hosts.toml"))
                .content()
                .contains("\"../_default/root.pem\"")
                .contains("[\"../_default/a.pem\", \"/etc/b.pem\"]")
                .contains("[[\"../_default/c.pem\", \"../_default/d.pem\"]]");
        assertThat(org.tomlj.Toml.parse(file("docker.io/hosts.toml"))
                        .getTableOrEmpty("host")
                        .keySet())
                .containsExactly(CACHE, "https://corp");
        writer().write(dockerHub());
        assertThat(DiskSteps.names(root)).containsExactly("_default", "docker.io");
        writer().restoreAllBut(List.of());
        assertThat(snapshot(etc)).isEqualTo(before);
    }

    @Test
    void registryWithPort_usesTheFolderContainerdUses() throws IOException {
        HostsEntry entry = new HostsEntry("r.local:5000", CACHE, List.of(upstream("https://r.local:5000")));
        writer().write(entry);
        assertThat(DiskSteps.names(root)).containsExactly("r.local_5000_");
        foreign("r.local:5000", FOREIGN);
        writer().write(entry);
        assertThat(DiskSteps.names(root)).containsExactly("r.local:5000");
        assertThat(file("r.local:5000/hosts.toml")).content().contains(CACHE).contains("https://corp");
        foreign("r.local_5000_", FOREIGN);
        writer().write(entry);
        assertThat(file("r.local:5000/hosts.toml")).hasContent(FOREIGN);
        assertThat(file("r.local_5000_/hosts.toml")).content().contains(CACHE);
    }

    @Test
    void registryThatLeft_isRestoredAndTheOthersStay() throws IOException {
        foreign("quay.io", FOREIGN);
        writer().write(new HostsEntry("quay.io", CACHE, List.of(upstream("https://quay.io"))));
        writer().write(new HostsEntry("ghcr.io", CACHE, List.of(upstream("https://ghcr.io"))));
        writer().write(dockerHub());
        writer().restoreAllBut(List.of("docker.io"));
        assertThat(file("docker.io/hosts.toml")).content().contains(CACHE);
        assertThat(file("quay.io/hosts.toml")).hasContent(FOREIGN);
        assertThat(file("ghcr.io")).doesNotExist();
    }

    @Test
    void linksAreNotFollowed() throws IOException {
        Path elsewhere = Files.createDirectory(etc.resolve("elsewhere"));
        Path target = Files.writeString(elsewhere.resolve("hosts.toml"), FOREIGN);
        Files.createSymbolicLink(file("docker.io"), elsewhere);
        Files.createDirectory(file("quay.io"));
        Files.createSymbolicLink(file("quay.io/hosts.toml"), target);
        var before = snapshot(etc);
        assertThat(writer().write(dockerHub()).message()).contains("/etc/containerd/certs.d/docker.io");
        assertThat(writer().write(new HostsEntry("quay.io", CACHE, List.of(upstream("https://quay.io"))))
                        .message())
                .contains("/etc/containerd/certs.d/quay.io/hosts.toml");
        writer().restoreAllBut(List.of());
        assertThat(snapshot(etc)).isEqualTo(before);
    }

    @Test
    void otherResourcesFile_isLeftAloneUntilNobodyKeepsIt() throws IOException {
        foreign("docker.io", FOREIGN);
        var before = snapshot(etc);
        HostsEntry theirs = new HostsEntry("docker.io", "http://127.0.0.1:6161", List.of(upstream("https://s")));
        writer(root, "other").write(theirs);
        var taken = snapshot(etc);
        assertThat(writer().write(dockerHub()).message()).contains("RegistryCache other");
        writer().restoreAllBut(List.of());
        assertThat(snapshot(etc)).isEqualTo(taken);
        HostsTomlWriter heir =
                new HostsTomlWriter(root, root, "default", "http://127.0.0.1:6161"::equals, new DiskSteps());
        assertThat(heir.write(dockerHub()).present()).isTrue();
        heir.restoreAllBut(List.of());
        assertThat(snapshot(etc)).isEqualTo(before);
    }

    @Test
    void trustOfAnUpstream_liesBesideAndGoesAgain() throws IOException {
        var before = snapshot(etc);
        CaBundle ca = new CaBundle(HostsTomlTest.CERTIFICATE);
        HostsUpstream upstream =
                new HostsUpstream(java.net.URI.create("https://harbor.corp"), "", false, java.util.Optional.of(ca));
        writer().write(new HostsEntry("docker.io", CACHE, List.of(upstream)));
        String name = ca.fileName("default");
        assertThat(file("docker.io/" + name)).hasContent(HostsTomlTest.CERTIFICATE);
        assertThat(file("docker.io/hosts.toml")).content().contains("ca = [\"" + name + "\"]");
        writer().write(dockerHub());
        assertThat(file("docker.io/" + name)).doesNotExist();
        writer().restoreAllBut(List.of());
        assertThat(snapshot(etc)).isEqualTo(before);
    }
}
