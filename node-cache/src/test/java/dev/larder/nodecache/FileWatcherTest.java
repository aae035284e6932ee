package dev.larder.nodecache;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileWatcherTest {
    @TempDir
    Path folder;

    @Test
    void changeBetweenTheReadingAndTheWatching_isSeen() throws IOException {
        Path file = Files.writeString(folder.resolve("config"), "first");
        FileWatcher.Look before = FileWatcher.Look.at(List.of(file));
        Files.writeString(file, "the second");
        AtomicInteger changes = new AtomicInteger();
        try (FileWatcher watcher = new FileWatcher()) {
            watcher.watch(before, changes::incrementAndGet);
            watcher.start();
            await().until(() -> changes.get() == 1);
            Files.writeString(file, "the third one");
            await().until(() -> changes.get() == 2);
        }
    }
}
