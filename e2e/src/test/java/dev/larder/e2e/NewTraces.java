package dev.larder.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What clusters that were not there before have on the machine: interfaces, cgroups, mounts, files, processes. */
final class NewTraces {
    private final Path clusters;
    private final Set<String> before = new TreeSet<>();

    /** @param clusters the folder of the clusters' files, which need not be there */
    NewTraces(Path clusters) {
        this.clusters = clusters;
        before.addAll(list(clusters, "*"));
        list(Path.of("/sys/class/net"), "larder*").forEach(name -> before.add(name.substring("larder".length())));
    }

    Set<String> find() {
        var found = new TreeSet<String>();
        list(Path.of("/sys/class/net"), "larder*").forEach(name -> found.add("interface " + name));
        list(Path.of("/sys/fs/cgroup"), "*").forEach(hierarchy -> {
            found.add("cgroup " + hierarchy);
            list(Path.of("/sys/fs/cgroup", hierarchy), "larder*").forEach(name -> found.add("cgroup " + name));
        });
        list(clusters, "*").forEach(number -> found.add("folder " + clusters + "/" + number));
        try {
            Files.readAllLines(Path.of("/proc/self/mounts")).forEach(mount -> found.add("mount " + mount));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ProcessHandle.allProcesses()
                .flatMap(process -> process.info().commandLine().stream())
                .forEach(line -> found.add("process " + line));
        Pattern ofCluster = Pattern.compile("(?:\\blarder|" + Pattern.quote(clusters + "/") + ")(\\d+)");
        found.removeIf(trace ->
                ofCluster.matcher(trace).results().map(match -> match.group(1)).allMatch(before::contains));
        return found;
    }

    private static List<String> list(Path folder, String glob) {
        var names = new ArrayList<String>();
        if (Files.isDirectory(folder)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, glob)) {
                entries.forEach(entry -> names.add(entry.getFileName().toString()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return names;
    }
}
