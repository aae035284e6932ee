package dev.larder.nodecache.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Files that are to go. One that a failing disk keeps goes on counting, and is tried again; at the latest the next start
 * removes it. Safe for many threads.
 */
final class Removals {

    private final ConcurrentLinkedQueue<Removal> left = new ConcurrentLinkedQueue<>();

    private record Removal(Path file, Runnable freed) {}

    /** @param freed called once, when the file is not there any more */
    void remove(Path file, Runnable freed) {
        Removal removal = new Removal(file, freed);
        if (!isDone(removal)) {
            left.add(removal);
        }
    }

    void tryAgain() {
        left.removeIf(Removals::isDone);
    }

    private static boolean isDone(Removal removal) {
        try {
            Files.deleteIfExists(removal.file());
        } catch (IOException e) {
            return false;
        }
        removal.freed().run();
        return true;
    }
}
