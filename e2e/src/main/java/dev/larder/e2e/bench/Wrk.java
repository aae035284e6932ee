package dev.larder.e2e.bench;

import dev.larder.e2e.process.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * wrk: as many requests as connections that are always busy can make, from as many threads as there are processors: from one
 * alone, the client was what limited 64 streams, and a third of the machine stood still.
 */
record Wrk(Path program, Path script) {
    private static final String PREFIX = "RESULT";
    private static final String REPORT = """
            done = function(summary, latency, requests)
              local e = summary.errors
              io.write(string.format("%s %%d %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration, summary.bytes,
                latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout,
                latency:percentile(50)))
            end
            """.formatted(PREFIX);

    /** What a run did, and the CPU time that the measured processes used meanwhile. */
    record Result(long requests, double seconds, long bytes, double p50Millis, double p99Millis, double cpuSeconds) {
        double requestsPerSecond() {
            return requests / seconds;
        }

        double gigabytesPerSecond() {
            return bytes / seconds / 1e9;
        }
    }

    static Wrk in(Path folder, BenchTools tools) {
        try {
            return new Wrk(tools.wrk(), Files.writeString(folder.resolve("report.lua"), REPORT));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Fails when a request failed; {@code server} is the process (with its children) whose CPU time counts. */
    Result run(URI url, String path, int connections, Duration time, long server) {
        return run(url, path, List.of(), connections, time, server);
    }

    /** @param headers more than Accept, as {@code Name: value} */
    Result run(URI url, String path, List<String> headers, int connections, Duration time, long server) {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--threads=" + Math.min(connections, Runtime.getRuntime().availableProcessors()),
                "--connections=" + connections,
                "--duration=" + time.toSeconds() + "s",
                "--timeout=30s",
                "--header=Accept: " + Content.MANIFEST_TYPE,
                "--script=" + script));
        headers.forEach(header -> command.add("--header=" + header));
        command.add(url.resolve(path).toString());
        double before = cpuSeconds(server);
        String output = Command.of(command).run();
        double used = cpuSeconds(server) - before;
        String[] numbers = output.lines()
                .filter(line -> line.startsWith(PREFIX))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("wrk printed no result:\n" + output))
                .split(" ", -1);
        if (!numbers[5].equals("0") || numbers[3].equals("0")) {
            throw new IllegalStateException("requests for " + url.resolve(path) + " failed:\n" + output);
        }
        return new Result(
                Long.parseLong(numbers[1]),
                Long.parseLong(numbers[2]) / 1e6,
                Long.parseLong(numbers[3]),
                Long.parseLong(numbers[6]) / 1e3,
                Long.parseLong(numbers[4]) / 1e3,
                used);
    }

    /** User and system time, fields 14 and 15 of proc(5)'s stat, in ticks of 10 ms. */
    private static double cpuSeconds(long pid) {
        ProcessHandle process = ProcessHandle.of(pid).orElseThrow();
        return Stream.concat(Stream.of(process), process.descendants())
                        .mapToLong(each -> ticks(each.pid()))
                        .sum()
                / 100.0;
    }

    private static long ticks(long pid) {
        try {
            String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
            List<String> afterName =
                    List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
            return Long.parseLong(afterName.get(11)) + Long.parseLong(afterName.get(12));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
