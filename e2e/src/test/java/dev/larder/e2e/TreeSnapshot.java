package dev.larder.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a folder holds: each path with its kind, permissions, owner and content. Equal snapshots mean nothing changed. What
 * goes away while it is looked at is not in it.
 */
public final class TreeSnapshot extends SimpleFileVisitor<Path> {
    private final Map<String, String> entries = new TreeMap<>();
    private final Path folder;

    private TreeSnapshot(Path folder) {
        this.folder = folder;
    }

    public static Map<String, String> of(Path folder) {
        var snapshot = new TreeSnapshot(folder);
        try {
            Files.walkFileTree(folder, snapshot);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return snapshot.entries;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) throws IOException {
        return visitFile(path, attributes);
    }

    @Override
    public FileVisitResult visitFile(Path path, BasicFileAttributes known) throws IOException {
        try {
            add(path);
            return FileVisitResult.CONTINUE;
        } catch (NoSuchFileException e) {
            return visitFileFailed(path, e);
        }
    }

    @Override
    public FileVisitResult visitFileFailed(Path path, IOException failure) throws IOException {
        return postVisitDirectory(path, failure);
    }

    @Override
    public FileVisitResult postVisitDirectory(Path path, @Nullable IOException failure) throws IOException {
        if (failure != null && (path.equals(folder) || !(failure instanceof NoSuchFileException))) {
            throw failure;
        }
        return FileVisitResult.CONTINUE;
    }

    private void add(Path path) throws IOException {
        PosixFileAttributes attributes =
                Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        String content = attributes.isRegularFile() ? HexFormat.of().formatHex(Files.readAllBytes(path)) : "";
        entries.put(
                folder.relativize(path).toString(),
                "%s %s %s %s"
                        .formatted(
                                attributes.isDirectory() ? "folder" : "file",
                                PosixFilePermissions.toString(attributes.permissions()),
                                attributes.owner(),
                                content));
    }
}
