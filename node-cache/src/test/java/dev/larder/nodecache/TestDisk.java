package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A real disk to break: ext4 on a loop device, whose backing file lies in a file system of its own in memory. Needs root and
 * fails without. Leaves neither mount nor device behind, also when the test or the process that runs it is ended.
 */
final class TestDisk implements AutoCloseable {

    private static final long MIB = 1 << 20;

    private final Path memory;
    private final Path mount;
    private final Path backing;
    private final Thread atExit = Thread.ofPlatform().unstarted(this::remove);

    private TestDisk(Path base, Path mount) {
        this.memory = base.resolve("memory");
        this.mount = mount;
        this.backing = memory.resolve("disk.img");
    }

    /**
     * Mounts one.
     *
     * @param base an empty folder for its own use
     * @param mount an empty folder
     */
    static TestDisk mount(Path base, Path mount, int mib) throws IOException, InterruptedException {
        assertThat(System.getProperty("user.name"))
                .as("mounting a disk to break needs root")
                .isEqualTo("root");
        TestDisk disk = new TestDisk(base, mount);
        Runtime.getRuntime().addShutdownHook(disk.atExit);
        try {
            Files.createDirectories(disk.memory);
            Files.createDirectories(mount);
            run("mount", "-t", "tmpfs", "-o", "size=" + (mib + 16) + "m,mode=700", "larder-test", disk.memory + "");
            try (RandomAccessFile file = new RandomAccessFile(disk.backing.toFile(), "rw")) {
                file.setLength(mib * MIB);
            }
            // Neither a journal nor late initialisation: what is written is what the test writes.
            run("mkfs.ext4", "-q", "-O", "^has_journal", "-E", "lazy_itable_init=0,nodiscard", disk.backing + "");
            run("mount", "-o", "loop,noatime", disk.backing + "", mount + "");
            Files.delete(mount.resolve("lost+found"));
        } catch (IOException | InterruptedException | AssertionError e) {
            disk.close();
            throw e;
        }
        return disk;
    }

    /** Every write waits from now on, as for a device that is gone for the moment; what is read still comes. */
    void hang() throws IOException, InterruptedException {
        run("fsfreeze", "-f", mount + "");
    }

    void answerAgain() throws IOException, InterruptedException {
        run("fsfreeze", "-u", mount + "");
    }

    /** What is written from now on fails when it is flushed, long after the writes have gone well: an I/O error. */
    void takesNoMore() throws IOException {
        byte[] piece = new byte[4096];
        try (OutputStream filler = Files.newOutputStream(memory.resolve("filler"))) {
            while (true) {
                filler.write(piece);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
        }
    }

    /** What a file ends with cannot be read any more: an I/O error. */
    void losesTheEndOf(Path file) throws IOException, InterruptedException {
        run("sync", "-f", mount + "");
        // Lines of "  0:  0..  511:  1024..  1535:  512: …": the blocks' numbers on the device are the fourth.
        List<String> extents = run("filefrag", "-v", "-b4096", file + "")
                .lines()
                .filter(line -> line.matches("\\s*\\d+:.*"))
                .toList();
        assertThat(extents).as("pieces of %s", file).isNotEmpty();
        String[] numbers = extents.getLast().split("\\D+", -1);
        long first = Long.parseLong(numbers[4]);
        long last = Long.parseLong(numbers[5]);
        try (RandomAccessFile device = new RandomAccessFile(backing.toFile(), "rw")) {
            device.setLength((first + last) / 2 * 4096);
        }
        // Out of the page cache, for this file only.
        run("dd", "if=" + file, "iflag=nocache", "count=0", "status=none");
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS))
                .as("%s ends", List.of(command))
                .isTrue();
        assertThat(process.exitValue())
                .as("%s: %s", Arrays.toString(command), said)
                .isZero();
        return said;
    }

    private void remove() {
        attempt("fsfreeze", "-u", mount + "");
        attempt("umount", "--lazy", mount + "");
        attempt("umount", "--lazy", memory + "");
    }

    private static void attempt(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getInputStream().readAllBytes();
            process.waitFor(20, TimeUnit.SECONDS);
        } catch (IOException e) {
            // Then it is not there, or the next step says so.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        remove();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }
}
