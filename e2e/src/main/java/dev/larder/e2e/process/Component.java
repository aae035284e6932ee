package dev.larder.e2e.process;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A long-running program of a cluster, with a log file of its own, that can be stopped and started again. It runs in a
 * session of its own, so that Ctrl-C in a terminal reaches only us and the order of the ending stays ours. Thread-safe.
 */
public final class Component {
    private final String name;
    private final List<String> entry;
    private final List<String> line;
    private final Map<String, String> environment;
    private final Path log;
    private Optional<Process> process = Optional.empty();

    /** {@code entry} is the {@code nsenter} prefix that leads into the program's namespaces; it may be empty. */
    public Component(String name, List<String> entry, List<String> line, Map<String, String> environment, Path log) {
        this.name = name;
        this.entry = List.copyOf(entry);
        this.line = List.copyOf(line);
        this.environment = Map.copyOf(environment);
        this.log = log;
    }

    public synchronized void start() {
        if (running()) {
            throw new IllegalStateException(name + " is already running");
        }
        var whole = new ArrayList<String>();
        whole.add("setsid");
        whole.addAll(entry);
        whole.addAll(line);
        ProcessBuilder builder = new ProcessBuilder(whole)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            Process started = builder.start();
            started.getOutputStream().close();
            process = Optional.of(started);
        } catch (IOException e) {
            throw new CommandFailure(name + " could not be started: " + e.getMessage(), e);
        }
    }

    public synchronized boolean running() {
        return process.map(Process::isAlive).orElse(false);
    }

    /** Sends a signal such as {@code STOP} or {@code KILL} to the program itself, not to the prefix it runs behind. */
    public synchronized void signal(String signal) {
        kill(signal, pid()).run();
    }

    private static Command kill(String signal, long pid) {
        return Command.of("kill", "-" + signal, Long.toString(pid));
    }

    /** The program's process id as this machine sees it. */
    public synchronized long pid() {
        Process started = process.filter(Process::isAlive)
                .orElseThrow(() -> new IllegalStateException(name + " is not running; its log says: " + logTail()));
        return program(started);
    }

    /** Where nsenter --pid forks, it stays as the parent, and the program is its only child. */
    private static long program(Process started) {
        return started.children().findFirst().map(ProcessHandle::pid).orElse(started.pid());
    }

    /** Ends the program, by SIGKILL when it has not gone within the time given; it may end by itself meanwhile. */
    public synchronized void stop(Duration grace) {
        if (!running()) {
            return;
        }
        Process started = process.orElseThrow();
        try {
            kill("TERM", program(started)).result();
            if (!started.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                kill("KILL", program(started)).result();
                started.waitFor(10, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            started.destroyForcibly();
        }
    }

    public String name() {
        return name;
    }

    public Path log() {
        return log;
    }

    /** The last lines of its log, for a message about it. */
    public String logTail() {
        try {
            List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 15), lines.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
