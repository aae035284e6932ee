package dev.larder.nodecache.store;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The scan at start: partial files are dropped, everything else is taken into the stores' memory. What has a wrong name
 * or is empty where it must not be is removed, since only a crash or a stranger put it there.
 */
public final class StoreRecovery {

    private final DiskBlobStore blobs;
    private final RepositoryStore repositories;
    private final TagStore tags;
    private final StorePaths paths;

    public StoreRecovery(DiskBlobStore blobs, RepositoryStore repositories, TagStore tags) {
        this.blobs = blobs;
        this.repositories = repositories;
        this.tags = tags;
        this.paths = blobs.paths();
    }

    /** @throws dev.larder.nodecache.error.StoreFailure when the store's folder cannot be used at all */
    public void run() {
        try {
            each(paths.partial(), (file, attributes) -> Files.delete(file));
            each(paths.blobs(), this::takeBlob);
            each(paths.repositories(), this::takeRecord);
            Files.createDirectories(paths.partial());
            Files.createDirectories(paths.blobs());
        } catch (IOException e) {
            throw PartialBlob.failure("cannot use " + paths.root() + " as storage.path", e);
        }
    }

    private void takeBlob(Path file, BasicFileAttributes attributes) {
        Path relative = paths.blobs().relativize(file);
        if (relative.getNameCount() == 3) {
            Digest digest = new Digest(
                    relative.getName(0).toString(), relative.getName(2).toString());
            blobs.add(digest, attributes.size(), attributes.lastModifiedTime().toInstant());
        }
    }

    private void takeRecord(Path file, BasicFileAttributes attributes) throws IOException {
        Path relative = paths.repositories().relativize(file);
        int mark = indexOfMark(relative);
        if (mark < 2) {
            return;
        }
        RepositoryKey key = new RepositoryKey(
                new RegistryHost(relative.getName(0).toString()),
                new RepositoryName(relative.subpath(1, mark).toString()));
        String name = file.getFileName().toString();
        switch (relative.getName(mark).toString()) {
            case "_digests" -> takeDigest(file, key, Digest.parse(name.replaceFirst("-", ":")));
            case "_public" ->
                repositories.loaded(
                        key, Instant.parse(RecordFile.read(file).orElse("").trim()));
            case "_tags" -> {
                Tag tag = new Tag(relative.getName(mark + 1).toString());
                TagRecord record = RecordFile.read(file)
                        .flatMap(TagRecord::parse)
                        .orElseThrow(() -> new IllegalArgumentException("not a tag record"));
                tags.loaded(key, tag, name, record);
            }
            default -> throw new IllegalArgumentException("not ours");
        }
    }

    private void takeDigest(Path file, RepositoryKey key, Digest digest) throws IOException {
        if (Files.exists(paths.blob(digest))) {
            repositories.loaded(key, digest);
        } else {
            // Evicted since: without this the records would only ever grow.
            Files.delete(file);
        }
    }

    private static int indexOfMark(Path relative) {
        for (int i = 0; i < relative.getNameCount(); i++) {
            if (relative.getName(i).toString().startsWith("_")) {
                return i;
            }
        }
        return -1;
    }

    private interface Take {
        void file(Path file, BasicFileAttributes attributes) throws IOException;
    }

    private static void each(Path folder, Take take) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                try {
                    take.file(file, attributes);
                } catch (InvalidRequest | IllegalArgumentException | DateTimeException e) {
                    Files.deleteIfExists(file);
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, @Nullable IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
