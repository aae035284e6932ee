package dev.larder.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What a folder holds: each path with its kind, permissions, owner and content. Equal snapshots mean nothing changed. */
final class TreeSnapshot {
    private TreeSnapshot() {}

    static Map<String, String> of(Path folder) {
        var entries = new TreeMap<String, String>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : paths.toList()) {
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
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return entries;
    }
}
