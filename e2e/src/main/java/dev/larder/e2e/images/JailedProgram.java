package dev.larder.e2e.images;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A program running in a jail, with its output kept for the message of whatever goes wrong. Closing it kills it. */
final class JailedProgram implements AutoCloseable {
    private static final Duration START = Duration.ofMinutes(5);
    /** The ahead-of-time cache is written between the signal and the end. */
    private static final Duration STOP = Duration.ofMinutes(10);

    private static final Duration POLL = Duration.ofMillis(20);

    private static final int QUOTED_LINES = 30;
    private static final int QUOTED_WIDTH = 2000;
    /** What the Java runtime prints about the cache it writes, after the line that matters. */
    private static final Pattern TRAINING_CHATTER = Pattern.compile("^\\[[0-9.]+s\\]|^Picked up JAVA_|AOT ?[cC]");

    private final String name;
    private final Path output;
    private final Process process;

    private JailedProgram(String name, Path output, Process process) {
        this.name = name;
        this.output = output;
        this.process = process;
    }

    static JailedProgram start(Jail jail, String name, List<String> command) throws IOException {
        return start(jail, name, Map.of(), command);
    }

    /** With more environment than the image's own. */
    static JailedProgram start(Jail jail, String name, Map<String, String> environment, List<String> command)
            throws IOException {
        Path output = Files.createTempFile("larder-" + name, ".log");
        Map<String, String> all = new HashMap<>(ImagePlan.ENVIRONMENT);
        all.putAll(environment);
        return new JailedProgram(name, output, jail.start(output, all, command));
    }

    /** A question about the running program, asked again until it is true. */
    interface Question {
        boolean holds() throws IOException, InterruptedException;
    }

    void await(String what, Question question) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START.toNanos();
        while (!question.holds()) {
            if (!process.isAlive()) {
                throw failure("ended with status " + process.exitValue() + " before " + what);
            }
            if (System.nanoTime() > deadline) {
                throw failure("did not reach this within " + START.toSeconds() + " s: " + what);
            }
            process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Waits until the address answers 200. */
    void awaitOk(HttpClient http, URI address) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(address).timeout(Duration.ofSeconds(2)).build();
        await(address + " answers 200", () -> {
            try {
                return http.send(request, HttpResponse.BodyHandlers.discarding())
                                .statusCode()
                        == 200;
            } catch (IOException e) {
                return false;
            }
        });
    }

    /** Asks it to end and waits for that; a Java program that ends by SIGTERM reports 143. */
    void stop() throws IOException, InterruptedException {
        process.destroy();
        int status = awaitEnd();
        if (status != 0 && status != 143) {
            throw failure("ended with status " + status + " after SIGTERM");
        }
    }

    int awaitEnd() throws IOException, InterruptedException {
        if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
            throw failure("did not end within " + STOP.toSeconds() + " s");
        }
        return process.exitValue();
    }

    long pid() {
        return process.pid();
    }

    String output() throws IOException {
        return Files.readString(output);
    }

    private ImageBuildException failure(String what) throws IOException {
        return new ImageBuildException(name + " in the image's root " + what + "; it printed:\n" + tail());
    }

    /** The last lines that the program printed, without those about the cache it writes. */
    private String tail() throws IOException {
        List<String> lines = Files.readAllLines(output).stream()
                .filter(line -> !TRAINING_CHATTER.matcher(line).find())
                .map(line -> line.substring(0, Math.min(QUOTED_WIDTH, line.length())))
                .toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - QUOTED_LINES), lines.size()));
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.deleteIfExists(output);
    }
}
