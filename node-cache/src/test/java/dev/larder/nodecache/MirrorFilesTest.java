package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.oci.MirroredTag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The folder while the kubelet exchanges it: its files are links. */
class MirrorFilesTest {

    @TempDir
    Path folder;

    private Path table;
    private Path elsewhere;
    private MirrorFiles files;

    @BeforeEach
    void make() throws IOException {
        table = Files.createDirectory(folder.resolve("table"));
        elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        files = new MirrorFiles(table, "node");
    }

    private static void write(Path file, String app, String revision) throws IOException {
        Files.writeString(file, """
                {"version": 1, "revision": "%s", "images": [
                {"resource": "%s", "image": "registry.test/library/%s", "open": true,
                 "tags": [{"tag": "v1", "digest": "sha256:%s", "before": []}]}]}
                """.formatted(revision, app, app, "0".repeat(64)));
    }

    /** A file that is listed and cannot be read: it may be in a moment. */
    private void changesNothingYet() {
        for (int looks = 1; looks < 5; looks++) {
            assertThat(files.changed()).isEmpty();
        }
    }

    @Test
    void fileThatCannotBeSeenJustNow_isAsItWas_untilItIsListedNoMore() throws IOException {
        Path target = elsewhere.resolve("mirror-0.json");
        write(target, "one", "a");
        Path link = Files.createSymbolicLink(table.resolve("mirror-0.json"), target);
        write(table.resolve("mirror-1.json"), "two", "a");
        assertThat(files.changed().orElseThrow().tags())
                .extracting(MirroredTag::resource)
                .containsExactly("one", "two");

        Files.delete(target);
        assertThat(files.changed()).isEmpty();
        write(table.resolve("mirror-1.json"), "two", "another");
        changesNothingYet();
        assertThat(files.changed().orElseThrow().tags())
                .extracting(MirroredTag::resource)
                .containsExactly("one", "two");

        Files.delete(link);
        assertThat(files.changed().orElseThrow().tags())
                .extracting(MirroredTag::resource)
                .containsExactly("two");
    }

    @Test
    void fileThatCannotBeRead_keepsAllAsItWas_forAWhile() throws IOException {
        write(table.resolve("mirror-0.json"), "one", "a");
        assertThat(files.changed().orElseThrow().revisions()).containsEntry("mirror-0.json", "a");
        write(table.resolve("mirror-0.json"), "two", "b");
        Path rules = Files.createDirectory(table.resolve("keep-0.yaml"));
        assertThat(files.changed()).isEmpty();
        Files.delete(rules);
        Files.writeString(rules, "");
        assertThat(files.changed().orElseThrow().revisions()).containsEntry("mirror-0.json", "b");

        write(table.resolve("mirror-0.json"), "three", "c");
        Files.delete(rules);
        Files.createDirectory(rules);
        changesNothingYet();
        MirrorFiles.Table without = files.changed().orElseThrow();
        assertThat(without.revisions()).containsEntry("mirror-0.json", "c");
        assertThat(without.problems()).singleElement().asString().contains("keep-0.yaml", "cannot be read");
        assertThat(files.changed()).isEmpty();
    }
}
