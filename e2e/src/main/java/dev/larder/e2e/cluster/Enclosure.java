package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.CommandFailure;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A PID, mount and network namespace with a first process that lives as long as we do: it reads a pipe whose other end
 * only this JVM holds. When the pipe closes it exits and the kernel kills every process inside, and with the last of them
 * go their mounts, networks and interfaces. So nothing outlives a JVM that was killed, unless {@link #detach} was called.
 */
final class Enclosure {
    /** Bash reaps orphans as a first process should; a shell that only waits for input would collect zombies. */
    private static final String FIRST_PROCESS = """
            mount -t tmpfs -o mode=755 larder /run
            echo ready
            while read -r word; do
              if [ "$word" = keep ]; then exec <&- >&-; while :; do sleep 3600 & wait; done; fi
            done
            """;

    private final Process process;
    private final long firstPid;

    private Enclosure(Process process, long firstPid) {
        this.process = process;
        this.firstPid = firstPid;
    }

    static Enclosure open() {
        List<String> line = List.of(
                "setsid",
                "unshare",
                "--pid",
                "--fork",
                "--kill-child",
                "--mount",
                "--mount-proc",
                "--net",
                "bash",
                "-c",
                FIRST_PROCESS);
        Process process = startReady("the cluster's namespaces", line);
        return new Enclosure(process, onlyChild(process));
    }

    /** Starts a process that says "ready" on its first line; its standard input stays open as long as this JVM lives. */
    private static Process startReady(String what, List<String> line) {
        try {
            Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
            BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            String first = output.readLine();
            if (!"ready".equals(first)) {
                String rest = first + "\n" + String.join("\n", output.lines().toList());
                throw new CommandFailure(what + " could not be made: " + rest
                        + " (a native cluster needs root and a kernel that allows new namespaces)");
            }
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long onlyChild(Process process) {
        return process.children()
                .findFirst()
                .map(ProcessHandle::pid)
                .orElseThrow(() -> new CommandFailure("process " + process.pid() + " has ended too early"));
    }

    /** The prefix that runs a command inside. */
    List<String> entry() {
        return entry(firstPid, "--pid", "--mount", "--net");
    }

    /** The prefix that runs a command of the machine in the enclosure's network only, so that process ids are ours. */
    List<String> networkEntry() {
        return entry(firstPid, "--net");
    }

    /** The prefix that runs a command inside but in the machine's own network. */
    List<String> hostNetworkEntry() {
        return entry(firstPid, "--pid", "--mount");
    }

    static List<String> entry(long pid, String... namespaces) {
        var line = new ArrayList<String>();
        line.add("nsenter");
        line.add("--target=" + pid);
        line.addAll(List.of(namespaces));
        line.add("--");
        return line;
    }

    /**
     * Makes mount, UTS and network namespaces inside, prepared by a Bash script, and returns the process id (as this
     * machine sees it) of a process that holds them.
     */
    long holdNamespaces(String what, String script) {
        var line = new ArrayList<String>();
        line.add("setsid");
        line.addAll(entry());
        line.addAll(List.of("unshare", "--mount", "--uts", "--net", "bash", "-e", "-c"));
        line.add(script + "\necho ready\nexec sleep infinity");
        return onlyChild(startReady(what, line));
    }

    long firstPid() {
        return firstPid;
    }

    long supervisorPid() {
        return process.pid();
    }

    /** From now on the enclosure goes on when this JVM ends; {@link #kill} is what ends it. */
    void detach() {
        try {
            process.getOutputStream().write("keep\n".getBytes(StandardCharsets.UTF_8));
            process.getOutputStream().flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the cluster has ended", e);
        }
    }

    void close() {
        kill(process.toHandle());
    }

    /** Ends an enclosure by its supervisor, the {@code unshare} process, and waits until all of it is gone. */
    static void kill(ProcessHandle supervisor) {
        Optional<ProcessHandle> first = supervisor.children().findFirst();
        // SIGKILL, because unshare ignores SIGTERM; --kill-child passes it on to the first process.
        Command.of("kill", "-KILL", Long.toString(supervisor.pid())).result();
        Await.until(
                "the end of the cluster's processes",
                Duration.ofSeconds(30),
                () -> !supervisor.isAlive()
                        && first.map(child -> !child.isAlive()).orElse(true));
    }
}
