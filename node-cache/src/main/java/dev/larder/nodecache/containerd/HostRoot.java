package dev.larder.nodecache.containerd;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The node's file system as a container sees it: some of its folders, mounted under a prefix. Paths of the node go in,
 * paths to use here come out, with the node's symlinks followed as on the node, that is, never out of the prefix.
 */
final class HostRoot {

    private static final int MOST_LINKS = 40;

    private final Path prefix;
    private final List<Path> mounts;

    /** @param mounts mount points at or below the prefix; none means that the prefix is no container's view of a node */
    HostRoot(Path prefix, List<Path> mounts) {
        this.prefix = prefix.normalize();
        this.mounts = List.copyOf(mounts);
    }

    /** With the mounts of this process. */
    static HostRoot at(Path prefix) throws IOException {
        List<Path> mounts = new ArrayList<>();
        Path mountInfo = Path.of("/proc/self/mountinfo");
        if (prefix.getNameCount() > 0 && Files.exists(mountInfo)) {
            for (String line : Files.readAllLines(mountInfo)) {
                Path mount = Path.of(unescape(line.split(" ", -1)[4]));
                if (mount.startsWith(prefix)) {
                    mounts.add(mount);
                }
            }
        }
        return new HostRoot(prefix, mounts);
    }

    private static String unescape(String mountPoint) {
        return mountPoint
                .replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }

    /** The prefix in front of the path, links as they are. */
    Path under(Path nodePath) {
        return nodePath.getNameCount() == 0
                ? prefix
                : prefix.resolve(Path.of("/").relativize(nodePath.normalize()));
    }

    /** Where the path really is, as the node knows it; the end of it need not exist. Empty for a circle of links. */
    Optional<Path> real(Path nodePath) throws IOException {
        Deque<Path> left = new ArrayDeque<>();
        nodePath.forEach(left::add);
        Path done = Path.of("/");
        int links = 0;
        while (!left.isEmpty()) {
            Path name = left.removeFirst();
            if (name.toString().equals("..")) {
                done = done.getParent() == null ? done : done.getParent();
            } else if (!name.toString().isEmpty() && !name.toString().equals(".")) {
                Path next = done.resolve(name);
                if (Files.isSymbolicLink(under(next))) {
                    if (++links > MOST_LINKS) {
                        return Optional.empty();
                    }
                    Path target = Files.readSymbolicLink(under(next));
                    done = target.isAbsolute() ? Path.of("/") : done;
                    List<Path> parts = new ArrayList<>();
                    target.forEach(parts::add);
                    parts.reversed().forEach(left::addFirst);
                } else {
                    done = next;
                }
            }
        }
        return Optional.of(done);
    }

    /** Whether what is at this path of the node, without links, is the node's and not the container's own. */
    boolean isMounted(Path realPath) {
        return mounts.isEmpty() || mounts.stream().anyMatch(under(realPath)::startsWith);
    }
}
