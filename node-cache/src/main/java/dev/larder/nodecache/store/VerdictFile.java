package dev.larder.nodecache.store;

import dev.larder.nodecache.error.StoreFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps over restarts who was let into which repository, and the key under which callers are known by a hash. The key is
 * made here, never leaves the node, and only its owner may read it; with another key, or any damage, nobody was let in.
 * Written within some seconds of a change, by a rename. A disk that fails costs memory of it over a restart, nothing else.
 */
public final class VerdictFile {

    private static final Logger LOG = LoggerFactory.getLogger(VerdictFile.class);
    private static final String TITLE = "larder verdicts 1";
    private static final String HASH = "HmacSHA256";
    private static final int KEY_BYTES = 32;
    private static final Set<PosixFilePermission> OWNERS = PosixFilePermissions.fromString("rw-------");

    /** More than {@link #MAX_RECORDS} of the longest. */
    private static final long MAX_BYTES = 4L << 20;

    public static final int MAX_RECORDS = 4096;

    private final DiskBlobStore blobs;
    private final Path keyFile;
    private final Path file;
    private volatile SecretKey key = newKey();
    private volatile Kept kept = Kept.NOTHING;
    private volatile boolean again;

    /** Who has the records. */
    public interface Kept {

        Kept NOTHING = new Kept() {
            @Override
            public void takeUp(List<VerdictRecord> records) {
                // Nobody wants them.
            }

            @Override
            public boolean hasChanged() {
                return false;
            }

            @Override
            public List<VerdictRecord> all() {
                return List.of();
            }
        };

        /** What was kept. */
        void takeUp(List<VerdictRecord> records);

        /** Whether there is something to write; the answer is then no, until there is something new. */
        boolean hasChanged();

        /** At most {@link #MAX_RECORDS}. */
        List<VerdictRecord> all();
    }

    public VerdictFile(DiskBlobStore blobs) {
        this.blobs = blobs;
        this.keyFile = blobs.paths().identityKey();
        this.file = blobs.paths().verdicts();
    }

    private static SecretKey newKey() {
        byte[] random = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(random);
        return new SecretKeySpec(random, HASH);
    }

    /** The key of this node; until {@link #open}, one that nothing is known by. */
    public SecretKey key() {
        return key;
    }

    /** From now on this one has the records. */
    public void keep(Kept records) {
        kept = records;
    }

    /** Takes up what is on the disk. */
    public void open() {
        try {
            Optional<SecretKey> known = readKey();
            if (known.isPresent()) {
                key = known.get();
                kept.takeUp(readRecords());
            } else {
                write(keyFile, key.getEncoded());
                // What was sealed with another key is of no use any more.
                again = true;
            }
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("cause", String.valueOf(e))
                    .log("who was let into private repositories cannot be kept over a restart");
        }
    }

    private Optional<SecretKey> readKey() throws IOException {
        if (!Files.exists(keyFile, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        boolean ours = Files.isRegularFile(keyFile, LinkOption.NOFOLLOW_LINKS)
                && Files.size(keyFile) == KEY_BYTES
                && OWNERS.containsAll(Files.getPosixFilePermissions(keyFile, LinkOption.NOFOLLOW_LINKS));
        if (!ours) {
            LOG.atWarn()
                    .addKeyValue("file", keyFile)
                    .log("the key for callers is not as it was written, or open to others; a new one is made");
            return Optional.empty();
        }
        return Optional.of(new SecretKeySpec(Files.readAllBytes(keyFile), HASH));
    }

    private List<VerdictRecord> readRecords() throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        Optional<List<VerdictRecord>> records =
                Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) && Files.size(file) <= MAX_BYTES
                        ? parse(Files.readAllBytes(file), key)
                        : Optional.empty();
        if (records.isEmpty()) {
            LOG.atWarn()
                    .addKeyValue("file", file)
                    .log("who was let into private repositories cannot be read; their registries are asked again");
        }
        return records.orElse(List.of());
    }

    static Optional<List<VerdictRecord>> parse(byte[] bytes, SecretKey key) {
        Optional<List<String>> lines = SealedLines.read(TITLE, bytes, key);
        List<VerdictRecord> records = lines.stream()
                .flatMap(List::stream)
                .flatMap(line -> VerdictRecord.parse(line).stream())
                .toList();
        return lines.filter(all -> all.size() == records.size()).map(all -> records);
    }

    static byte[] format(List<VerdictRecord> records, SecretKey key) {
        return SealedLines.write(
                TITLE, records.stream().map(VerdictRecord::format).toList(), key);
    }

    /** Writes what has changed. Called now and then by one thread. */
    public void tend() {
        if (!kept.hasChanged() && !again) {
            return;
        }
        again = true;
        try {
            again = !blobs.watch().within(this::save);
        } catch (StoreFailure e) {
            // The disk's trouble shows in /status; the next look tries again.
        }
    }

    /** Writes what has changed, waiting for the disk. */
    public void close() {
        if (kept.hasChanged() || again) {
            var _ = save();
        }
    }

    private synchronized boolean save() {
        try {
            write(file, format(kept.all(), key));
            return true;
        } catch (IOException e) {
            LOG.atDebug().addKeyValue("cause", String.valueOf(e)).log("who was let in was not written");
            return false;
        }
    }

    private static void write(Path to, byte[] bytes) throws IOException {
        Path next = to.resolveSibling(to.getFileName() + ".next");
        Files.deleteIfExists(next);
        try (FileChannel channel = FileChannel.open(
                next,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(OWNERS))) {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                channel.write(left);
            }
            channel.force(true);
        }
        Files.move(next, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
