package dev.larder.nodecache.containerd;

import static dev.larder.nodecache.containerd.HostsTomlTest.dockerHub;
import static dev.larder.nodecache.containerd.HostsTomlWriterTest.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Kills the writer before each of its steps in turn; whatever is left, the next start must understand it. */
class HostsTomlCrashIT {

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** What is on the node before us. */
    private enum Node {
        NO_ROOT,
        EMPTY_ROOT,
        EMPTY_FOLDER,
        FOREIGN_FILE,
        CERTIFICATES,
        DEFAULT_FOLDER;

        void arrange(Path root) throws IOException {
            Path folder = root.resolve("docker.io");
            switch (this) {
                case NO_ROOT -> Files.createDirectories(root.getParent());
                case EMPTY_ROOT -> Files.createDirectories(root);
                case EMPTY_FOLDER -> Files.createDirectories(folder);
                case FOREIGN_FILE -> {
                    Files.createDirectories(folder);
                    Files.writeString(folder.resolve("hosts.toml"), HostsTomlWriterTest.FOREIGN);
                }
                case CERTIFICATES -> {
                    Files.createDirectories(folder);
                    Files.writeString(folder.resolve("corp.crt"), "pem");
                }
                case DEFAULT_FOLDER -> {
                    Files.createDirectories(root.resolve("_default"));
                    Files.writeString(root.resolve("_default/hosts.toml"), HostsTomlWriterTest.FOREIGN);
                }
            }
        }
    }

    @FunctionalInterface
    private interface Work {
        void on(HostsTomlWriter writer) throws IOException;
    }

    private static final Work WRITE = writer -> writer.write(dockerHub());
    private static final Work RESTORE = writer -> writer.restoreAllBut(List.of());

    @TempDir
    private Path temp;

    private int runs;

    @TestFactory
    List<DynamicTest> killedWhileWriting() {
        return eachNode(WRITE, (root, before) -> {});
    }

    @TestFactory
    List<DynamicTest> killedWhileRestoring() {
        return eachNode(RESTORE, (root, before) -> WRITE.on(writer(root, step -> {})));
    }

    @TestFactory
    List<DynamicTest> killedWhileTakingANewForeignFile() {
        return eachNode(WRITE, (root, before) -> {
            WRITE.on(writer(root, step -> {}));
            Path file = root.resolve("docker.io/hosts.toml");
            Files.delete(file);
            Files.writeString(file, "[host.\"https://newer\"]\n");
        });
    }

    @FunctionalInterface
    private interface Arrangement {
        void on(Path root, Map<String, String> before) throws IOException;
    }

    private List<DynamicTest> eachNode(Work killed, Arrangement arrangement) {
        List<DynamicTest> tests = new ArrayList<>();
        for (Node node : Node.values()) {
            tests.add(DynamicTest.dynamicTest(node.name(), () -> {
                int steps = 0;
                while (!survives(node, killed, arrangement, steps)) {
                    steps++;
                }
                assertThat(steps).as("steps tried").isGreaterThanOrEqualTo(3);
            }));
        }
        return tests;
    }

    /** Returns whether the work came to its end before the step at which it was to be killed. */
    private boolean survives(Node node, Work work, Arrangement arrangement, int dieAt) throws IOException {
        boolean finished = false;
        for (Work next : List.of(WRITE, RESTORE)) {
            Path etc = temp.resolve("run" + runs++);
            Path root = etc.resolve("certs.d");
            node.arrange(root);
            Map<String, String> before = snapshot(etc);
            arrangement.on(root, before);
            boolean newer = newer(root);
            List<String> done = new ArrayList<>();
            finished = killed(root, work, dieAt, done);
            tearUnfinishedFile(done);
            assertWhatContainerdReadsIsWhole(root, node, arrangement, done);
            next.on(writer(root, step -> {}));
            if (next == WRITE) {
                assertPresent(root, node, newer, done);
                RESTORE.on(writer(root, step -> {}));
            }
            if (newer) {
                assertThat(root.resolve("docker.io/hosts.toml"))
                        .as("%s", done)
                        .hasContent("[host.\"https://newer\"]\n");
                assertNothingOfOurs(etc, done);
            } else {
                assertThat(snapshot(etc)).as("killed after %s", done).isEqualTo(before);
            }
        }
        return finished;
    }

    /** At every moment: the file from before, or all of ours; never a part, and never none where there was one. */
    private void assertWhatContainerdReadsIsWhole(Path root, Node node, Arrangement arrangement, List<String> done)
            throws IOException {
        Path file = root.resolve("docker.io/hosts.toml");
        Path undisturbed = temp.resolve("run" + runs++).resolve("certs.d");
        node.arrange(undisturbed);
        arrangement.on(undisturbed, Map.of());
        Path same = undisturbed.resolve("docker.io/hosts.toml");
        Set<String> whole = new HashSet<>();
        whole.add(Files.exists(same) ? Files.readString(same) : "none");
        WRITE.on(writer(undisturbed, step -> {}));
        whole.add(Files.readString(same));
        RESTORE.on(writer(undisturbed, step -> {}));
        whole.add(Files.exists(same) ? Files.readString(same) : "none");
        assertThat(whole).as("killed after %s", done).contains(Files.exists(file) ? Files.readString(file) : "none");
        if (Files.isDirectory(root.resolve("docker.io")) && node != Node.EMPTY_FOLDER && node != Node.CERTIFICATES) {
            assertThat(file)
                    .as("an empty folder hides _default; killed after %s", done)
                    .exists();
        }
    }

    private static boolean newer(Path root) throws IOException {
        Path file = root.resolve("docker.io/hosts.toml");
        return Files.exists(file) && Files.readString(file).contains("newer");
    }

    private static boolean killed(Path root, Work work, int dieAt, List<String> done) throws IOException {
        try {
            work.on(writer(root, step -> {
                if (done.size() == dieAt) {
                    throw new Killed();
                }
                done.add(step);
            }));
            return true;
        } catch (Killed e) {
            return false;
        }
    }

    /** The writing of a file is the one step that a crash can cut in two. */
    private static void tearUnfinishedFile(List<String> done) {
        if (!done.isEmpty() && done.getLast().startsWith("write ")) {
            Path file = Path.of(done.getLast().substring("write ".length()));
            try {
                String text = Files.readString(file);
                Files.writeString(file, text.substring(0, text.length() / 2));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void assertPresent(Path root, Node node, boolean newer, List<String> done) throws IOException {
        Path file = root.resolve("docker.io/hosts.toml");
        String text = Files.readString(file);
        assertThat(org.tomlj.Toml.parse(text).errors())
                .as("killed after %s", done)
                .isEmpty();
        assertThat(text)
                .as("killed after %s", done)
                .startsWith("# Managed by Larder")
                .contains("5151");
        if (newer) {
            assertThat(text).contains("https://newer");
        } else if (node == Node.FOREIGN_FILE || node == Node.DEFAULT_FOLDER) {
            assertThat(text).as("killed after %s", done).contains("https://corp");
        } else if (node == Node.CERTIFICATES) {
            assertThat(text).contains("corp.crt");
        }
    }

    private static void assertNothingOfOurs(Path etc, List<String> done) throws IOException {
        assertThat(snapshot(etc).keySet()).as("killed after %s", done).noneMatch(path -> path.contains("larder"));
    }

    private static HostsTomlWriter writer(Path root, Consumer<String> before) {
        return new HostsTomlWriter(root, root, "default", url -> false, new DiskSteps(before));
    }
}
