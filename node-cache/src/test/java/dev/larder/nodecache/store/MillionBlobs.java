package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Measures a store of a million blobs: its start from the journal and without one, lookups, the choice of what to evict.
 * Arguments: a folder, which it fills and empties (a million empty files: some 250 MB of a disk's folders and inodes), and
 * the number of blobs. Prints one line a figure, name and value.
 */
public final class MillionBlobs {

    private static final ThreadMXBean THREAD = ManagementFactory.getThreadMXBean();
    private static final RegistryHost REGISTRY = new RegistryHost("registry.test");
    private static final int BLOBS_PER_IMAGE = 10;
    private static final int LOOKUPS = 1_000_000;

    private final Path folder;
    private final int count;

    private MillionBlobs(Path folder, int count) {
        this.folder = folder;
        this.count = count;
    }

    public static void main(String[] args) throws IOException {
        if (args.length < 1 || args.length > 2) {
            System.err.println("usage: MillionBlobs FOLDER [COUNT]");
            System.exit(2);
        }
        int count = args.length == 2 ? Integer.parseInt(args[1]) : 1_000_000;
        MillionBlobs run =
                new MillionBlobs(Files.createDirectories(Path.of(args[0])).resolve("million"), count);
        run.clear();
        try {
            run.make();
            run.start("start_from_snapshot");
            run.start("start_from_snapshot_again");
            Files.delete(run.folder.resolve("v1/index.snapshot"));
            run.start("start_without_journal");
        } finally {
            run.clear();
        }
    }

    private Digest digest(int n) {
        byte[] bytes = new byte[32];
        new Random(n * 7919L + 1).nextBytes(bytes);
        return new Digest("sha256", HexFormat.of().formatHex(bytes));
    }

    /** Files without content, and the journal that says so: ten blobs an image, a repository for every hundred images. */
    private void make() throws IOException {
        long began = System.nanoTime();
        DiskBlobStore store = new DiskBlobStore(folder, Clock.systemUTC());
        new StoreRecovery(store).run();
        for (int n = 0; n < count; n++) {
            Path file = store.paths().blob(digest(n));
            Files.createDirectories(file.getParent());
            Files.createFile(file);
            BlobEntry entry = new BlobEntry(BlobKey.of(digest(n)), 0, n + 1);
            store.index().blobs.put(entry.key, entry);
            if (n % BLOBS_PER_IMAGE == 0) {
                entry.manifest = new BlobEntry.Manifest("application/vnd.oci.image.manifest.v1+json", layers(n));
            }
            RepositoryKey repository =
                    new RepositoryKey(REGISTRY, new RepositoryName("library/app" + n / BLOBS_PER_IMAGE / 100));
            entry.addTo(store.index().repository(repository, store.journal()::note).alone);
        }
        store.journal().compact();
        store.close();
        print("made_seconds", seconds(began));
    }

    private List<BlobKey> layers(int manifest) {
        return IntStream.range(manifest + 1, manifest + BLOBS_PER_IMAGE)
                .mapToObj(n -> BlobKey.of(digest(n)))
                .toList();
    }

    private void start(String name) {
        long began = System.nanoTime();
        double cpu = processCpu();
        DiskBlobStore store = new DiskBlobStore(folder, Clock.systemUTC());
        StoreRecovery recovery = new StoreRecovery(store);
        recovery.run();
        print(name + "_seconds", seconds(began));
        print(name + "_cpu_seconds", processCpu() - cpu);
        print(name + "_looked_at", recovery.looked());
        if (store.blobs() != count) {
            throw new IllegalStateException("found " + store.blobs() + " blobs of " + count);
        }
        System.gc();
        Runtime memory = Runtime.getRuntime();
        print(name + "_heap_bytes_per_blob", (double) (memory.totalMemory() - memory.freeMemory()) / count);
        lookups(name, store);
        List<Digest> order = order(name, store);
        if (order.isEmpty()) {
            throw new IllegalStateException("nothing to evict");
        }
        store.close();
    }

    private void lookups(String name, DiskBlobStore store) {
        Digest[] some = new Digest[10_000];
        for (int i = 0; i < some.length; i++) {
            some[i] = digest((int) ((long) i * count / some.length));
            store.find(some[i]).orElseThrow().close();
        }
        double cpu = THREAD.getCurrentThreadCpuTime() / 1e9;
        for (int i = 0; i < LOOKUPS; i++) {
            store.find(some[i % some.length]).orElseThrow().close();
        }
        print(name + "_lookup_cpu_nanos", (THREAD.getCurrentThreadCpuTime() / 1e9 - cpu) * 1e9 / LOOKUPS);
    }

    private static List<Digest> order(String name, DiskBlobStore store) {
        long began = System.nanoTime();
        List<Digest> order = store.oldest(4096, false);
        print(name + "_choose_4096_to_evict_seconds", seconds(began));
        return order;
    }

    /** With the collector's and the compiler's. */
    private static double processCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    private static void print(String name, double value) {
        System.out.printf("%s %.3f%n", name, value);
    }

    private void clear() throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : (Iterable<Path>) all.sorted(Comparator.reverseOrder())::iterator) {
                    Files.delete(path);
                }
            }
        }
    }
}
