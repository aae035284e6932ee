package dev.larder.e2e.images;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.Component;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.DebianPrograms;
import dev.larder.e2e.toolchain.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A folder of a real file system that takes no more than so many bytes a second: bindfs, from its Debian package. */
final class SlowDisk implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Path folder;
    private final Path content;
    private final Component process;

    private SlowDisk(Path folder, Path content, Component process) {
        this.folder = folder;
        this.content = content;
        this.process = process;
    }

    /** Mounts it at a new folder in {@code parent}. */
    static SlowDisk mount(Path parent, int bytesASecond) throws IOException {
        DebianPrograms.Prepared programs = new DebianPrograms(
                        "slow-disk",
                        List.of("bindfs", "libfuse2"),
                        List.of(new DebianPrograms.Program("bindfs", "usr/bin/bindfs")))
                .prepare(CacheFolder.ofEnvironment(), new Progress(System.out));
        Path content = Files.createTempDirectory(parent, "content");
        Path folder = Files.createTempDirectory(parent, "slow");
        Component process = new Component(
                "bindfs",
                List.of(),
                List.of(
                        programs.command("bindfs").toString(),
                        "-f",
                        "--write-rate=" + bytesASecond,
                        content.toString(),
                        folder.toString()),
                Map.of(),
                Files.createTempFile("bindfs", ".log"));
        process.start();
        var disk = new SlowDisk(folder, content, process);
        Await.until("the slow disk", LIMIT, () -> disk.isMounted(), process::logTail);
        return disk;
    }

    private boolean isMounted() {
        return Command.of("cat", "/proc/self/mounts").run().contains(" " + folder + " fuse");
    }

    Path folder() {
        return folder;
    }

    @Override
    public void close() {
        if (isMounted()) {
            Command.of("umount", folder.toString()).run();
        }
        process.stop(LIMIT);
        CacheFolder.delete(folder);
        CacheFolder.delete(content);
        CacheFolder.delete(process.log());
    }
}
