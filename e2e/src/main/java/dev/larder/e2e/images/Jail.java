package dev.larder.e2e.images;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Runs commands inside an image's root file system, on this machine's network, so that a program sees the paths it will see in
 * a container. The process that is started is the program itself: signals reach it.
 *
 * @param user numeric user and group of the program
 * @param readOnly whether the root is mounted read-only, as in the pods
 * @param mounts folders of this machine by the absolute path at which the program sees them
 */
record Jail(Path root, int user, boolean readOnly, Map<String, Path> mounts) {
    private static final String SCRIPT = """
            set -e
            root=$1 mode=$2 user=$3 mounts=$4
            shift 4
            mount --bind "$root" "$root"
            while [ "$mounts" -gt 0 ]; do
              mount --bind "$1" "$root$2"
              shift 2
              mounts=$((mounts - 1))
            done
            mount --rbind /proc "$root/proc"
            mount --rbind /dev "$root/dev"
            if [ "$mode" = ro ]; then mount -o remount,bind,ro "$root"; fi
            exec chroot --userspec="$user:$user" "$root" "$@"
            """;

    /** As root, everything writable. */
    static Jail open(Path root) {
        return new Jail(root, 0, false, Map.of());
    }

    Process start(Path output, Map<String, String> environment, List<String> inside) throws IOException {
        return startLine(line(inside), output, environment);
    }

    /** What runs the command inside; the process that begins so becomes that of the command. */
    List<String> line(List<String> inside) throws IOException {
        List<String> command = new ArrayList<>(List.of("unshare", "--mount"));
        if (!isRoot()) {
            command.addAll(List.of("--user", "--map-root-user"));
        }
        command.addAll(List.of("sh", "-c", SCRIPT, "jail", root.toString(), readOnly ? "ro" : "rw"));
        command.addAll(List.of(Integer.toString(user), Integer.toString(mounts.size())));
        for (String folder : List.of("/proc", "/dev")) {
            Files.createDirectories(root.resolve(folder.substring(1)));
        }
        for (Map.Entry<String, Path> mount : mounts.entrySet()) {
            Files.createDirectories(root.resolve(mount.getKey().substring(1)));
            command.addAll(List.of(mount.getValue().toString(), mount.getKey()));
        }
        command.addAll(inside);
        return List.copyOf(command);
    }

    /** With nothing of our own environment but PATH, standard output and error going to the file. */
    private Process startLine(List<String> command, Path output, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(root.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().keySet().retainAll(List.of("PATH"));
        builder.environment().put("LC_ALL", "C.UTF-8");
        builder.environment().putAll(environment);
        return builder.start();
    }

    private static boolean isRoot() throws IOException {
        return Files.getOwner(Path.of("/proc/self")).getName().equals("root");
    }
}
