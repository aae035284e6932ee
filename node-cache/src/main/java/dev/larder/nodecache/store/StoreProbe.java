package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;

/** Looks at the store's file system: how much is free, and whether it can still be written to. */
public final class StoreProbe {

    private final StorePaths paths;

    public StoreProbe(DiskBlobStore blobs) {
        this.paths = blobs.paths();
    }

    /** Bytes, of the file system that holds the store. */
    public record Space(long total, long free) {}

    public Space space() {
        try {
            FileStore disk = Files.getFileStore(paths.root().getParent());
            return new Space(disk.getTotalSpace(), disk.getUsableSpace());
        } catch (IOException e) {
            throw PartialBlob.failure("cannot look at " + paths.root().getParent(), e);
        }
    }

    /** @return what is wrong, or an empty text when a file could be written and removed */
    public String problem() {
        try {
            Path probe = Files.createTempFile(Files.createDirectories(paths.partial()), "probe", ".tmp");
            Files.delete(probe);
            return "";
        } catch (IOException e) {
            StoreFailure failure = PartialBlob.failure("cannot write to " + paths.partial(), e);
            return String.valueOf(failure.getMessage());
        }
    }
}
