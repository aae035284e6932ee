package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Looks at the store's file system: how much is free, and whether it can still be written to. */
public final class StoreProbe {

    private final StorePaths paths;
    private final DiskWatch watch;
    private volatile Space last = new Space(0, 0);
    private volatile @Nullable FileStore disk;

    public StoreProbe(DiskBlobStore blobs) {
        this.paths = blobs.paths();
        this.watch = blobs.watch();
    }

    /** Bytes, of the file system that holds the store. */
    public record Space(long total, long free) {}

    /** What {@link #space} said last, for who must not wait for the disk. */
    public Space lastSpace() {
        return last;
    }

    public Space space() {
        try {
            FileStore disk = disk();
            Space now = new Space(disk.getTotalSpace(), disk.getUsableSpace());
            last = now;
            return now;
        } catch (IOException e) {
            throw PartialBlob.failure("cannot look at " + paths.root().getParent(), e);
        }
    }

    /** Found once, since that reads the table of all mounts; what it says is asked of the path each time (statvfs). */
    private FileStore disk() throws IOException {
        FileStore known = disk;
        if (known == null) {
            known = Files.getFileStore(paths.root().getParent());
            disk = known;
        }
        return known;
    }

    /** @return what is wrong, or an empty text when a file could be written and removed */
    public String problem() {
        String problem = tryIt();
        if (problem.isEmpty()) {
            watch.answers();
        }
        return problem;
    }

    private String tryIt() {
        try (DiskWatch.Step _ = watch.step()) {
            Path probe = Files.createTempFile(Files.createDirectories(paths.partial()), "probe", ".tmp");
            try {
                Files.write(probe, new byte[] {1});
            } finally {
                Files.delete(probe);
            }
            return "";
        } catch (IOException e) {
            StoreFailure failure = PartialBlob.failure("cannot write to " + paths.partial(), e);
            return String.valueOf(failure.getMessage());
        }
    }
}
