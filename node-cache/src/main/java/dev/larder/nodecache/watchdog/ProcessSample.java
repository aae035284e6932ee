package dev.larder.nodecache.watchdog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What every thread of a process is about at one moment. Readable for any user: no ptrace permission is needed.
 *
 * @param threads by thread id; empty when the process is gone
 */
record ProcessSample(Map<Long, ThreadSample> threads) {

    /**
     * One thread.
     *
     * @param state as in /proc: R running or waiting for a CPU, S sleeping, D waiting for a disk, T stopped
     * @param ranNanos time on a CPU
     * @param waitedNanos time ready to run, waiting for a CPU; counted when the wait has ended
     * @param turns times it got a CPU
     */
    record ThreadSample(char state, long ranNanos, long waitedNanos, long turns) {}

    ProcessSample {
        threads = Map.copyOf(threads);
    }

    static ProcessSample of(long pid) throws IOException {
        Map<Long, ThreadSample> threads = new HashMap<>();
        Path tasks = Path.of("/proc", Long.toString(pid), "task");
        if (!Files.isDirectory(tasks)) {
            return new ProcessSample(threads);
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(tasks)) {
            for (Path task : entries) {
                Optional<List<String>> stat = statFields(task.resolve("stat"));
                Optional<List<String>> schedule = words(task.resolve("schedstat"));
                if (stat.isPresent()) {
                    List<String> times =
                            schedule.filter(words -> words.size() >= 3).orElse(List.of("0", "0", "0"));
                    threads.put(
                            Long.parseLong(task.getFileName().toString()),
                            new ThreadSample(
                                    stat.get().getFirst().charAt(0),
                                    Long.parseLong(times.get(0)),
                                    Long.parseLong(times.get(1)),
                                    Long.parseLong(times.get(2))));
                }
            }
        } catch (DirectoryIteratorException e) {
            return new ProcessSample(Map.of()); // it ended while we looked
        }
        return new ProcessSample(threads);
    }

    /** The fields behind the process name, which may itself hold spaces and brackets: field 3, the state, comes first. */
    static Optional<List<String>> statFields(Path stat) throws IOException {
        return text(stat)
                .map(line -> List.of(
                        line.substring(line.lastIndexOf(')') + 1).strip().split(" ", -1)));
    }

    private static Optional<List<String>> words(Path file) throws IOException {
        return text(file).map(line -> List.of(line.strip().split(" ", -1)));
    }

    private static Optional<String> text(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(new String(Files.readAllBytes(file), StandardCharsets.UTF_8))
                    .filter(text -> !text.isBlank());
        } catch (java.nio.file.FileSystemException e) {
            return Optional.empty(); // it ended between the two looks
        } catch (IOException e) {
            if (String.valueOf(e.getMessage()).contains("No such process")) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
