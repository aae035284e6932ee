package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Await;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The cgroup folders that kubelets of this machine start from, in version 1 (a tree a controller) or 2 (one tree). */
final class Cgroups {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");
    private static final List<String> CONTROLLERS =
            List.of("cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "blkio", "pids", "systemd");

    private Cgroups() {}

    static boolean unified() {
        return Files.exists(ROOT.resolve("cgroup.controllers"));
    }

    /** Makes a cgroup that a kubelet can use as its root, in every controller. */
    static void create(String name) {
        try {
            if (unified()) {
                Path folder = Files.createDirectories(ROOT.resolve(name));
                for (Path parent : List.of(ROOT, folder)) {
                    Files.writeString(parent.resolve("cgroup.subtree_control"), "+cpuset +cpu +io +memory +pids");
                }
                return;
            }
            for (String controller : CONTROLLERS) {
                if (Files.isDirectory(ROOT.resolve(controller))) {
                    Files.createDirectories(ROOT.resolve(controller).resolve(name));
                }
            }
            // A new cpuset is empty, and no process may enter an empty one.
            for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
                Path cpuset = ROOT.resolve("cpuset");
                Files.writeString(cpuset.resolve(name).resolve(file), Files.readString(cpuset.resolve(file)));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the cgroup " + name, e);
        }
    }

    /** Removes every cgroup whose name begins so, with those below. Its processes must be gone or going. */
    static void remove(String prefix) {
        Await.until("the removal of the cgroups " + prefix + "*", Duration.ofSeconds(20), () -> {
            List<Path> left = new ArrayList<>();
            for (Path parent : unified() ? List.of(ROOT) : folders(ROOT, "*")) {
                folders(parent, prefix + "*").forEach(folder -> removeTree(folder, left));
            }
            return left.isEmpty();
        });
    }

    private static void removeTree(Path folder, List<Path> left) {
        folders(folder, "*").forEach(child -> removeTree(child, left));
        if (!folder.toFile().delete() && Files.exists(folder)) {
            left.add(folder);
        }
    }

    private static List<Path> folders(Path parent, String glob) {
        var found = new ArrayList<Path>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(parent, glob)) {
            for (Path path : stream) {
                if (Files.isDirectory(path, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                    found.add(path);
                }
            }
        } catch (java.nio.file.NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }
}
