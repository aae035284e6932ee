package dev.larder.e2e.bench;

import dev.larder.e2e.process.Command;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** hey: requests at a given rate, for the time that one takes when the server is not saturated. */
record Hey(Path program) {
    private static final int CLIENTS = 16;

    /** The rate that was reached and the 99th percentile in ms; hey tells it to 0.1 ms. */
    record Result(double requestsPerSecond, double p99Millis) {}

    Result run(URI url, String path, int requestsPerSecond, Duration time) {
        String output = Command.of(
                        program.toString(),
                        "-z",
                        time.toSeconds() + "s",
                        "-c",
                        Integer.toString(CLIENTS),
                        "-q",
                        Integer.toString(requestsPerSecond / CLIENTS),
                        "-H",
                        "Accept: " + Content.MANIFEST_TYPE,
                        "-disable-compression",
                        url.resolve(path).toString())
                .run();
        if (!output.contains("[200]") || output.contains("Error distribution")) {
            throw new IllegalStateException("requests for " + url.resolve(path) + " failed:\n" + output);
        }
        return new Result(number(output, "Requests/sec:"), 1000 * number(output, "99% in"));
    }

    private static double number(String output, String label) {
        String rest = output.substring(output.indexOf(label) + label.length()).strip();
        return Double.parseDouble(rest.split("\\s+", 2)[0]);
    }
}
