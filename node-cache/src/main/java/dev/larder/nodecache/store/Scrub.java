package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads everything that is stored again and again, a little at a time, and drops what is not what its digest says: the next
 * pull fetches it. Files that the index does not know go too. One round takes about a week, and goes on after a restart
 * with the folder it was in. Safe for many threads; never works for long.
 */
public final class Scrub implements AutoCloseable {

    private static final Duration ROUND = Duration.ofDays(7);
    private static final long MAX_BYTES_A_SECOND = 8 << 20;
    /** What opening a file or a folder costs, in bytes read. */
    private static final long COST_OF_OPENING = 4096;

    private final DiskBlobStore blobs;
    private final StoreIndex index;
    private final StorePaths paths;
    private final Listener listener;
    private final ByteBuffer piece = ByteBuffer.allocate(64 << 10);
    private final ArrayDeque<Path> folders = new ArrayDeque<>();
    private final ArrayDeque<BlobEntry> due = new ArrayDeque<>();
    private @Nullable Reading reading;
    private double allowance;
    private int allFolders;
    private boolean inRound;

    /** Told what was read. */
    public interface Listener {
        void read(long bytes);

        /** @param good whether the bytes are those that the digest names */
        void judged(Digest digest, boolean good);
    }

    private record Reading(BlobEntry entry, FileChannel file, MessageDigest hash) {}

    public Scrub(DiskBlobStore blobs, Listener listener) {
        this.blobs = blobs;
        this.index = blobs.index();
        this.paths = blobs.paths();
        this.listener = listener;
    }

    /** Reads as much as the rate allows for the time since the last step, or a little more; at most 8 MiB. */
    public synchronized void step(Duration since) {
        long round = blobs.usedBytes() + COST_OF_OPENING * (blobs.blobs() + allFolders);
        double earned = (double) round / ROUND.toMillis() * since.toMillis();
        allowance = Math.min(allowance + earned, MAX_BYTES_A_SECOND);
        while (allowance > 0 && readOn()) {
            // Until the allowance is used up, or a round has ended.
        }
    }

    /** @return false when there is nothing to read just now */
    private boolean readOn() {
        Reading now = reading;
        if (now == null) {
            BlobEntry next = due.poll();
            return next == null ? nextFolder() : open(next);
        }
        if (index.blobs.get(now.entry().key) != now.entry()) {
            end(now);
            return true;
        }
        try {
            int count = now.file().read(piece.clear());
            if (count > 0) {
                now.hash().update(piece.flip());
                allowance -= count;
                listener.read(count);
            }
            if (count <= 0 || now.file().position() >= now.entry().size) {
                boolean sized = now.file().size() == now.entry().size;
                end(now);
                Digest digest = now.entry().key.digest();
                judge(now.entry(), sized && digest.finish(now.hash().digest()).equals(digest));
            }
            return true;
        } catch (ClosedByInterruptException e) {
            end(now);
            return false;
        } catch (IOException e) {
            end(now);
            judge(now.entry(), false);
            return true;
        }
    }

    private boolean open(BlobEntry entry) {
        allowance -= COST_OF_OPENING;
        Digest digest = entry.key.digest();
        try {
            FileChannel file = FileChannel.open(paths.blob(digest), StandardOpenOption.READ);
            reading = new Reading(entry, file, digest.hasher());
        } catch (NoSuchFileException e) {
            judge(entry, false);
        } catch (IOException e) {
            // No verdict on its bytes: too many files are open, say. The next round comes by again.
            return !Thread.currentThread().isInterrupted();
        }
        return true;
    }

    private void judge(BlobEntry entry, boolean good) {
        if (index.blobs.get(entry.key) != entry) {
            return; // evicted in the meantime
        }
        if (!good) {
            blobs.forget(entry);
        }
        listener.judged(entry.key.digest(), good);
    }

    private void end(Reading over) {
        reading = null;
        try {
            over.file().close();
        } catch (IOException e) {
            // It was only read.
        }
    }

    /** @return whether there is one; a round's end is one step's end too */
    private boolean nextFolder() {
        try {
            if (folders.isEmpty()) {
                inRound = !inRound;
                if (!inRound) {
                    return false;
                }
                folders.addAll(remaining());
            }
            Path folder = folders.poll();
            if (folder == null) {
                return false;
            }
            allowance -= COST_OF_OPENING;
            remember(folder);
            dropStrangers(folder);
            index.blobs.values().stream()
                    .filter(entry ->
                            folder.equals(paths.blob(entry.key.digest()).getParent()))
                    .forEach(due::add);
            return true;
        } catch (IOException e) {
            return false; // a disk that cannot be looked at now is looked at later
        }
    }

    /** The folders from the remembered one on; all of them when it was the last. */
    private Set<Path> remaining() throws IOException {
        TreeSet<Path> all = new TreeSet<>();
        for (String algorithm : new String[] {"sha256", "sha512"}) {
            Path parent = paths.blobs().resolve(algorithm);
            if (Files.isDirectory(parent)) {
                try (DirectoryStream<Path> entries = Files.newDirectoryStream(parent)) {
                    entries.forEach(all::add);
                }
            }
        }
        allFolders = all.size();
        Path last = remembered();
        return last != null && all.contains(last) && !all.last().equals(last) ? new TreeSet<>(all.tailSet(last)) : all;
    }

    /** Null also when what is there makes no sense: a round then begins anew. */
    private @Nullable Path remembered() {
        try {
            return Files.exists(paths.scrub())
                    ? paths.blobs().resolve(Files.readString(paths.scrub()).strip())
                    : null;
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }

    private void remember(Path folder) throws IOException {
        Path next = paths.scrub().resolveSibling("scrub.next");
        Files.writeString(next, paths.blobs().relativize(folder).toString());
        Files.move(next, paths.scrub(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Under the lock of its name, so that none is taken for a stranger while it is being named. */
    private void dropStrangers(Path folder) throws IOException {
        Map<Path, BlobKey> strangers = new HashMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                StoreRecovery.digest(file.getFileName().toString())
                        .map(BlobKey::of)
                        .filter(key -> !index.blobs.containsKey(key))
                        .ifPresent(key -> strangers.put(file, key));
            }
        }
        strangers.forEach((file, key) -> blobs.ifStranger(key, () -> StoreRecovery.delete(file)));
    }

    @Override
    public synchronized void close() {
        Reading now = reading;
        if (now != null) {
            end(now);
        }
    }
}
