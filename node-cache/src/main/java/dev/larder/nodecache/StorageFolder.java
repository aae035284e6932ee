package dev.larder.nodecache;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The store's folder and who owns it. Works with the right to change owners and no other: without the right to pass over
 * permissions, a folder that root may not read is taken by root first. Symlinks are given away, never followed.
 */
final class StorageFolder {

    private final Path path;
    private final int user;
    private final int group;

    StorageFolder(Path path, int user, int group) {
        this.path = path;
        this.user = user;
        this.group = group;
    }

    /** Makes the folder and gives it, with all in it, to the user. One look when that has been done before. */
    void prepare() throws IOException {
        if (!Files.exists(path)) {
            Files.createDirectories(path);
        } else if (!Files.isDirectory(path)) {
            throw new NotDirectoryException(path.toString());
        }
        if (!isRight(path)) {
            give(path.toRealPath());
        }
    }

    private boolean isRight(Path file) throws IOException {
        Map<String, Object> owner = Files.readAttributes(file, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS);
        return owner.equals(Map.of("uid", user, "gid", group));
    }

    /** The folder itself comes last: its owner is the sign that nothing below is left to do, also after a crash. */
    private void give(Path folder) throws IOException {
        for (Path entry : entries(folder)) {
            if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                give(entry);
            } else if (!isRight(entry)) {
                setOwner(entry, user, group);
            }
        }
        if (!isRight(folder)) {
            if (folder.equals(path.toRealPath())) {
                closeToOthers(folder);
            }
            setOwner(folder, user, group);
        }
    }

    private static void closeToOthers(Path folder) throws IOException {
        try {
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        } catch (AccessDeniedException e) {
            return; // another user's; its mode is the administrator's own choice
        } catch (FileSystemException e) {
            if (!String.valueOf(e.getReason()).contains("not permitted")) {
                throw e;
            }
        }
    }

    private static List<Path> entries(Path folder) throws IOException {
        try {
            return list(folder);
        } catch (AccessDeniedException e) {
            setOwner(folder, 0, 0);
            return list(folder);
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder)) {
            stream.forEach(found::add);
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
        return found;
    }

    private static void setOwner(Path file, int user, int group) throws IOException {
        try {
            Files.setAttribute(file, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
            Files.setAttribute(file, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return; // gone in the meantime: nothing to give
        }
    }

    /** What went wrong, for whoever installed the cache. */
    static String explain(IOException e) {
        String reason = e instanceof FileSystemException f ? String.valueOf(f.getReason()) : "";
        String where = e instanceof FileSystemException f ? f.getFile() + ": " : "";
        if (e instanceof NotDirectoryException) {
            return "is not a folder: remove it, or set spec.storage.path to a folder";
        }
        if (reason.contains("Read-only file system")) {
            return where
                    + "the file system is read-only: set spec.storage.path to a place that the node lets you write";
        }
        if (reason.contains("not permitted") || e instanceof AccessDeniedException) {
            return where
                    + "not permitted: this has to run as user 0 with the capability CHOWN, on a file system that knows"
                    + " owners";
        }
        if (reason.contains("No space left")) {
            return where + "the file system is full: make room, or set spec.storage.path to another one";
        }
        return where + (reason.isEmpty() || reason.equals("null") ? e.toString() : reason);
    }
}
