package dev.larder.e2e.cluster;

import dev.larder.e2e.toolchain.CacheFolder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a native cluster has on disk and in cgroups: recorded while it runs, so that another program can end it, and
 * removed after it. A folder whose slot nobody holds belongs to a cluster whose JVM was killed.
 */
final class Leftovers {
    private static final String RECORD = "supervisor";

    private Leftovers() {}

    /** Notes the process whose end is the end of the cluster. */
    static void record(Slot slot, long supervisor) {
        try {
            Files.createDirectories(slot.folder());
            String started = ProcessHandle.of(supervisor)
                    .flatMap(process -> process.info().startInstant())
                    .map(Instant::toString)
                    .orElse("");
            Files.writeString(slot.folder().resolve(RECORD), supervisor + " " + started);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The recorded process, if it is still the same one: process ids are given out again. */
    private static Optional<ProcessHandle> supervisor(Slot slot) {
        Path file = slot.folder().resolve(RECORD);
        try {
            if (!Files.exists(file)) {
                return Optional.empty();
            }
            String[] parts = Files.readString(file).split(" ", 2);
            return ProcessHandle.of(Long.parseLong(parts[0])).filter(process -> process.info()
                    .startInstant()
                    .map(Instant::toString)
                    .orElse("")
                    .equals(parts[1]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes what clusters left behind whose slot is free. Called by one at a time ({@link Slot#changing}). */
    static void sweep(CacheFolder cache) {
        for (Slot slot : slots(cache)) {
            if (!Network.claimed(slot.number())) {
                remove(slot);
            }
        }
    }

    /**
     * Ends the cluster of the slot, whoever started it, and removes what it leaves. False when none was running. Called by
     * one at a time ({@link Slot#changing}).
     */
    static boolean end(Slot slot) {
        Optional<ProcessHandle> supervisor = supervisor(slot);
        supervisor.ifPresent(Enclosure::kill);
        Ending.remove(slot);
        return supervisor.isPresent();
    }

    static void remove(Slot slot) {
        Cgroups.remove(slot.hostInterface() + "-");
        CacheFolder.delete(slot.folder());
    }

    static List<Slot> slots(CacheFolder cache) {
        Path folders = Slot.folders(cache);
        var slots = new ArrayList<Slot>();
        if (!Files.isDirectory(folders)) {
            return slots;
        }
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folders, "[0-9]*")) {
            stream.forEach(folder ->
                    slots.add(Slot.of(Integer.parseInt(folder.getFileName().toString()), cache)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return slots;
    }
}
