package dev.larder.e2e.process;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A command that runs to its end within a timeout (two minutes if none is given), its standard output and error taken
 * together. Immutable; on a timeout the process and its descendants are killed.
 */
public record Command(List<String> line, Map<String, String> environment, Optional<Path> directory, Duration timeout) {
    private static final int SHOWN = 4000;

    /** What a finished command left: its exit status and its output. */
    public record Result(int status, String output) {
        public boolean succeeded() {
            return status == 0;
        }
    }

    public Command {
        line = List.copyOf(line);
        environment = Map.copyOf(environment);
    }

    public static Command of(String... line) {
        return of(List.of(line));
    }

    public static Command of(List<String> line) {
        return new Command(line, Map.of(), Optional.empty(), Duration.ofMinutes(2));
    }

    public Command with(Map<String, String> variables) {
        return new Command(line, variables, directory, timeout);
    }

    public Command in(Path folder) {
        return new Command(line, environment, Optional.of(folder), timeout);
    }

    public Command within(Duration limit) {
        return new Command(line, environment, directory, limit);
    }

    /** The same command behind a prefix such as {@code nsenter --target 1 --net}. */
    public Command behind(List<String> prefix) {
        var whole = new ArrayList<>(prefix);
        whole.addAll(line);
        return new Command(whole, environment, directory, timeout);
    }

    /** Runs it and returns its output; fails when its exit status is not 0. */
    public String run() {
        Result result = result();
        if (!result.succeeded()) {
            throw new CommandFailure(
                    "'" + String.join(" ", line) + "' ended with status " + result.status + ": " + tail(result.output));
        }
        return result.output;
    }

    /** Runs it and returns its exit status and output, whatever the status is. */
    public Result result() {
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().putAll(environment);
        directory.ifPresent(folder -> builder.directory(folder.toFile()));
        try {
            Process process = builder.start();
            process.getOutputStream().close();
            CompletableFuture<String> output = new CompletableFuture<>();
            Thread.ofVirtual().start(() -> readInto(output, process));
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
                throw new CommandFailure("'" + String.join(" ", line) + "' did not end within " + timeout);
            }
            // A daemon that the command left behind may hold the pipe open: what was written so far is enough then.
            return new Result(
                    process.exitValue(),
                    output.completeOnTimeout("", 5, TimeUnit.SECONDS).join());
        } catch (IOException e) {
            throw new CommandFailure("'" + line.getFirst() + "' could not be started: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while '" + line.getFirst() + "' ran", e);
        }
    }

    private static void readInto(CompletableFuture<String> output, Process process) {
        try {
            output.complete(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            output.complete("(output lost: " + e.getMessage() + ")");
        }
    }

    private static String tail(String output) {
        String trimmed = output.strip();
        return trimmed.length() <= SHOWN ? trimmed : "…" + trimmed.substring(trimmed.length() - SHOWN);
    }
}
