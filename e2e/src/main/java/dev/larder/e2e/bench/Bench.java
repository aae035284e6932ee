package dev.larder.e2e.bench;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.images.BuildImages;
import dev.larder.e2e.images.BuiltImage;
import dev.larder.e2e.images.NodeCacheStart;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.Toolchain;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.UpstreamRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * {@code make bench}: prints the README's figures; judges nothing, since a shared machine's times prove nothing alone.
 * Arguments choose among {@code images}, {@code hits}, {@code misses} and {@code cluster}; without any, all are measured.
 */
public final class Bench {

    private static final int NODES = 2;
    private static final int ROUNDS = 3;
    private static final int STARTS = 9;
    private static final Set<String> PARTS = Set.of("images", "hits", "misses", "cluster");

    private Bench() {}

    public static void main(String... arguments) {
        Set<String> parts = arguments.length == 0 ? PARTS : Set.of(arguments);
        if (!PARTS.containsAll(parts)) {
            System.err.println("Unknown part in PART='" + String.join(" ", arguments)
                    + "': use some of images, hits, misses, cluster.");
            System.exit(2);
        }
        System.exit(run(parts, System.out));
    }

    private static int run(Set<String> parts, PrintStream out) {
        CacheFolder cache = CacheFolder.ofEnvironment();
        Progress progress = new Progress(out);
        try {
            List<BuiltImage> built = BuildImages.build(out);
            if (parts.contains("images")) {
                sizes(built, out);
                start(built.getFirst(), out);
            }
            if (parts.contains("hits") || parts.contains("misses")) {
                HttpBench.run(parts, built.getFirst(), cache, progress, out);
            }
            if (parts.contains("cluster")) {
                cluster(built, cache, progress, out);
            }
            out.printf("%nThe start with a million blobs is measured by make bench-store.%n");
            return 0;
        } catch (RuntimeException | IOException e) {
            System.err.println("\nThe measurement could not be run to its end. " + e.getMessage());
            return 2;
        }
    }

    private static void cluster(List<BuiltImage> built, CacheFolder cache, Progress progress, PrintStream out) {
        Toolchain tools = Toolchain.prepare(cache, progress);
        DebianImages images = DebianImages.prepareWithLarge(cache, tools, progress);
        try (NativeCluster cluster = NativeCluster.start(NODES, cache, progress)) {
            UpstreamRegistry upstream = UpstreamRegistry.start(cluster, images);
            cluster.nodes().forEach(node -> built.forEach(image -> node.importImage(image.archive())));
            Larder larder = progress.produce("install Larder's chart", () -> Larder.install(cluster, Map.of()));
            PullBench pulls = new PullBench(cluster, upstream, larder);
            pulls.run(DebianImages.TWELVE_LAYERS, ROUNDS, out);
            pulls.run(DebianImages.LARGE, ROUNDS, out);
            MemoryBench.run(cluster.node("node1"), out);
        }
    }

    private static void start(BuiltImage nodeCache, PrintStream out) {
        Series start = new Series("process start to ready");
        NodeCacheStart.measure(nodeCache, STARTS).forEach(start::add);
        out.printf("%nThe node cache as packed, %d starts%n  %s%n", STARTS, start.alone());
    }

    private static void sizes(List<BuiltImage> built, PrintStream out) {
        out.printf("%nImage sizes, compressed as a pull transfers them%n");
        for (BuiltImage image : built) {
            long bytes =
                    image.layers().stream().mapToLong(BuiltImage.Layer::bytes).sum();
            out.printf(Locale.ROOT, "  %-40s %6.1f MB%n", image.reference(), bytes / 1e6);
        }
    }
}
