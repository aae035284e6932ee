package dev.larder.nodecache.containerd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The only calls by which the hosts writer changes a node. Each is one step: a crash falls before or after it, never
 * inside, save for the writing of a file under a name nobody reads. {@code HostsTomlCrashIT} ends the sequence before
 * each step in turn.
 */
final class DiskSteps {

    private final Consumer<String> before;

    DiskSteps() {
        this(step -> {});
    }

    /** @param before is told of each step before it happens */
    DiskSteps(Consumer<String> before) {
        this.before = before;
    }

    static boolean exists(Path path) {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS);
    }

    static boolean isFolder(Path path) {
        return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
    }

    static boolean isFile(Path path) {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    static List<String> names(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (java.nio.file.DirectoryIteratorException e) {
            throw e.getCause();
        }
        names.sort(null);
        return names;
    }

    void makeFolder(Path folder) throws IOException {
        before.accept("make folder " + folder);
        Files.createDirectory(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Writes a whole file under a name that nobody reads yet, down to the disk. */
    void write(Path file, byte[] content) throws IOException {
        before.accept("write " + file);
        Files.deleteIfExists(file); // never through a symlink or into a second name of a file
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    void rename(Path from, Path to) throws IOException {
        before.accept("rename " + from + " to " + to);
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new FileSystemException(from.toString(), to.toString(), "cannot be renamed in one step");
        }
    }

    /** Gives a file a second name; false when this file system, or this file's owner, does not let us. */
    boolean link(Path existing, Path second) throws IOException {
        before.accept("link " + existing + " as " + second);
        Files.deleteIfExists(second);
        try {
            Files.createLink(second, existing);
            return true;
        } catch (NoSuchFileException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException e) {
            return false;
        }
    }

    void delete(Path file) throws IOException {
        if (exists(file)) {
            before.accept("delete " + file);
            Files.deleteIfExists(file);
        }
    }

    /** Makes renames and deletions in a folder survive a power cut. */
    void sync(Path folder) throws IOException {
        if (isFolder(folder)) {
            before.accept("sync " + folder);
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }
}
