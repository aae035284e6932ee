package dev.larder.nodecache.store;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The start: the journal is read, and what a killed process was in the middle of is put right. Blobs are looked at, one
 * by one, only where the journal cannot be relied on: all when it is missing, damaged, or the machine went down with it; a
 * folder that somebody else changed since.
 */
public final class StoreRecovery {

    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

    /** A change is on the disk so soon after it is in the journal. */
    private static final Duration AT_ONCE = Duration.ofSeconds(2);

    private final DiskBlobStore blobs;
    private final StoreIndex index;
    private final StorePaths paths;
    private int looked;

    public StoreRecovery(DiskBlobStore blobs) {
        this.blobs = blobs;
        this.index = blobs.index();
        this.paths = blobs.paths();
    }

    /** @throws dev.larder.nodecache.error.StoreFailure when the store's folder cannot be used at all */
    public void run() {
        try {
            Files.createDirectories(paths.partial());
            Files.createDirectories(paths.blobs());
            String boot = boot();
            boolean trusted = blobs.journal().load(boot);
            List<BlobKey> gone = clearPartial();
            List<Path> doubtful = trusted ? changedSince(blobs.journal().log()) : folders();
            lookAt(doubtful);
            blobs.journal().open(boot, trusted && doubtful.isEmpty());
            gone.forEach(key -> blobs.journal().note(to -> to.gone(key)));
            index.blobs.values().forEach(blobs::counted);
        } catch (IOException e) {
            throw PartialBlob.failure("cannot use " + paths.root() + " as storage.path", e);
        }
    }

    /** How many blob files were looked at; for a start in good order, none. */
    public int looked() {
        return looked;
    }

    private static String boot() {
        try {
            return Files.readString(BOOT).strip();
        } catch (IOException e) {
            return ""; // then only a journal that was closed in order is relied on
        }
    }

    /** What was on its way is given up. A blob that was being named or removed is known by it, and may not be there. */
    private List<BlobKey> clearPartial() throws IOException {
        List<BlobKey> gone = new ArrayList<>();
        for (Path file : list(paths.partial())) {
            String name = file.getFileName().toString();
            digest(name.substring(0, Math.max(0, name.lastIndexOf('-'))))
                    .filter(digest -> !Files.exists(paths.blob(digest)))
                    .map(BlobKey::of)
                    .filter(key -> index.blobs.remove(key) != null)
                    .ifPresent(gone::add);
            delete(file);
        }
        return gone;
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // What a disk that takes no changes holds can still be served.
        }
    }

    static Optional<Digest> digest(String hex) {
        try {
            return Optional.of(new Digest(hex.length() > 64 ? "sha512" : "sha256", hex));
        } catch (InvalidRequest e) {
            return Optional.empty();
        }
    }

    private List<Path> folders() throws IOException {
        List<Path> folders = new ArrayList<>();
        for (Path algorithm : list(paths.blobs())) {
            folders.addAll(list(algorithm));
        }
        return folders;
    }

    private List<Path> changedSince(Path journal) throws IOException {
        Instant last = Files.getLastModifiedTime(journal).toInstant().plus(AT_ONCE);
        List<Path> changed = new ArrayList<>();
        for (Path folder : folders()) {
            if (Files.getLastModifiedTime(folder).toInstant().isAfter(last)) {
                changed.add(folder);
            }
        }
        return changed;
    }

    /** Makes the index agree with the disk for some folders; what has a wrong name there is a stranger's, and goes. */
    private void lookAt(List<Path> folders) throws IOException {
        Map<Path, Map<BlobKey, BlobEntry>> known = new HashMap<>();
        if (!folders.isEmpty()) {
            index.blobs.values().forEach(entry -> known.computeIfAbsent(
                            paths.blob(entry.key.digest()).getParent(), folder -> new HashMap<>())
                    .put(entry.key, entry));
            folders.forEach(
                    folder -> known.getOrDefault(folder, Map.of()).keySet().forEach(index.blobs::remove));
        }
        for (Path folder : folders) {
            for (Path file : list(folder)) {
                lookAt(file, known.getOrDefault(folder, Map.of()));
            }
        }
    }

    private void lookAt(Path file, Map<BlobKey, BlobEntry> known) throws IOException {
        looked++;
        Optional<Digest> digest = digest(file.getFileName().toString());
        BasicFileAttributes is = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (digest.isEmpty() || !is.isRegularFile() || !file.equals(paths.blob(digest.get()))) {
            if (!is.isDirectory()) {
                delete(file);
            }
            return;
        }
        BlobKey key = BlobKey.of(digest.get());
        BlobEntry before = known.get(key);
        if (before != null && before.size == is.size()) {
            index.blobs.put(key, before);
        } else {
            index.blob(key, is.size(), StoreIndex.seconds(is.lastModifiedTime().toInstant()));
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        List<Path> found = new ArrayList<>();
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            return found;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            entries.forEach(found::add);
        } catch (NoSuchFileException e) {
            // Gone in the meantime: nothing to see.
        }
        return found;
    }
}
