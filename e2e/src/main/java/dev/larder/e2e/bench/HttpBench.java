package dev.larder.e2e.bench;

import dev.larder.e2e.images.BuiltImage;
import dev.larder.e2e.images.PackedNodeCache;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The packed node cache without a cluster: hits beside nginx's files, misses beside the direct download and beside
 * docker-registry as a proxy. Rounds alternate, so that a slow minute of the machine meets both sides.
 */
final class HttpBench {
    private static final int ROUNDS = 3;
    private static final Duration RUN = Duration.ofSeconds(2);
    /** The Java machine compiles what is hot during its first seconds of full load. */
    private static final Duration WARM_UP = Duration.ofSeconds(8);

    private static final Duration STEADY_RUN = Duration.ofSeconds(5);
    private static final int STEADY_RATE = 10_000;
    private static final int MANIFEST_CONNECTIONS = 32;
    private static final List<Integer> CONNECTIONS = List.of(1, 8, 64);
    private static final String HOST = "bench.test";

    private final BuiltImage image;
    private final Content content;
    private final BenchTools tools;
    private final Path folder;
    private final PrintStream out;

    private HttpBench(BuiltImage image, Content content, BenchTools tools, Path folder, PrintStream out) {
        this.image = image;
        this.content = content;
        this.tools = tools;
        this.folder = folder;
        this.out = out;
    }

    /** @param parts hits, misses or both */
    static void run(Set<String> parts, BuiltImage image, CacheFolder cache, Progress progress, PrintStream out)
            throws IOException {
        BenchTools tools = BenchTools.prepare(cache, progress);
        Content content = Content.prepare(cache);
        Path folder = Files.createTempDirectory("larder-bench");
        try (Nginx nginx = Nginx.start(tools, content, folder)) {
            if (parts.contains("hits")) {
                new HttpBench(image, content, tools, folder, out).hits(nginx);
                AuthorisationBench.run(image, content, nginx, Wrk.in(folder, tools), out);
            }
            if (parts.contains("misses")) {
                new ColdBench(image, content, tools, folder, out).run(nginx);
            }
        } finally {
            CacheFolder.delete(folder);
        }
    }

    static PackedNodeCache cache(BuiltImage image, URI upstream) {
        return PackedNodeCache.start(image, "[{host: " + HOST + ", upstreams: [{url: \"" + upstream + "\"}]}]");
    }

    static String throughCache(String path) {
        return path + "?ns=" + HOST;
    }

    private void hits(Nginx nginx) {
        Wrk wrk = Wrk.in(folder, tools);
        try (PackedNodeCache cache = cache(image, nginx.full())) {
            out.printf(Locale.ROOT, "%nResident memory, idle%n  %.1f MiB%n", Memory.residentMib(cache.pid()));
            Download.of(cache.registry(), throughCache(content.manifestPath(Content.TAG)), 0);
            content.blobs().forEach(blob -> Download.of(cache.registry(), throughCache(blob.path()), blob.bytes()));
            out.printf(
                    "%nWarm blobs beside nginx with sendfile, both with access logs, medians of %d runs of %d s%n",
                    ROUNDS, RUN.toSeconds());
            out.printf("  %-10s %-32s %-32s %-22s %s%n", "size, conns", "node cache", "nginx", "rate", "CPU a byte");
            for (Content.Blob blob : content.blobs()) {
                for (int connections : CONNECTIONS) {
                    new Pair(blob.name() + " x" + connections, blob.bytes() < 10_000)
                            .measure(wrk, cache, nginx, blob.path(), connections);
                }
            }
            out.printf(
                    Locale.ROOT,
                    "%nResident memory after 64 streams of 1 GiB%n  %.1f MiB, at most %.1f%n",
                    Memory.residentMib(cache.pid()),
                    Memory.mostResidentMib(cache.pid()));
            out.printf("%nManifests beside nginx's files, %d connections%n", MANIFEST_CONNECTIONS);
            for (String reference : List.of(content.manifestDigest(), Content.TAG)) {
                String name = reference.equals(Content.TAG) ? "by tag" : "by digest";
                new Pair(name, true).measure(wrk, cache, nginx, content.manifestPath(reference), MANIFEST_CONNECTIONS);
                steady(name, cache.registry(), nginx.full(), content.manifestPath(reference));
            }
        }
    }

    private void steady(String name, URI cache, URI nginx, String path) {
        Hey hey = new Hey(tools.hey());
        Series ours = new Series("node cache", "ms", 1);
        Series theirs = new Series("nginx", "ms", 1);
        Series rate = new Series("rate", "/s", 0);
        for (int round = 0; round < ROUNDS; round++) {
            theirs.add(hey.run(nginx, path, STEADY_RATE, STEADY_RUN).p99Millis());
            Hey.Result result = hey.run(cache, throughCache(path), STEADY_RATE, STEADY_RUN);
            ours.add(result.p99Millis());
            rate.add(result.requestsPerSecond());
        }
        out.printf(
                "  %s, p99 at %d requests a second (reached: %s)%n    node cache %s   nginx %s%n",
                name, STEADY_RATE, rate.figures(), ours.figures(), theirs.figures());
    }

    /** One row: the cache and nginx by turns. */
    private final class Pair {
        private final String name;
        private final boolean countRequests;
        private final Series ours;
        private final Series theirs;
        private final Series oursCpu = new Series("", "", 3);
        private final Series theirsCpu = new Series("", "", 3);

        Pair(String name, boolean countRequests) {
            this.name = name;
            this.countRequests = countRequests;
            ours = countRequests ? new Series("", "/s", 0) : new Series("", "GB/s", 2);
            theirs = countRequests ? new Series("", "/s", 0) : new Series("", "GB/s", 2);
        }

        void measure(Wrk wrk, PackedNodeCache cache, Nginx nginx, String path, int connections) {
            // Not counted: a node cache has long been at its full speed when a busy hour comes, and so has nginx.
            wrk.run(nginx.full(), path, connections, RUN, nginx.pid());
            wrk.run(cache.registry(), throughCache(path), connections, countRequests ? WARM_UP : RUN, cache.pid());
            for (int round = 0; round < ROUNDS; round++) {
                add(wrk.run(nginx.full(), path, connections, RUN, nginx.pid()), theirs, theirsCpu);
                add(wrk.run(cache.registry(), throughCache(path), connections, RUN, cache.pid()), ours, oursCpu);
            }
            out.printf(
                    Locale.ROOT,
                    "  %-10s %-32s %-32s %-22s %s%n",
                    name,
                    ours.figures(),
                    theirs.figures(),
                    ours.ratio(theirs),
                    oursCpu.ratio(theirsCpu));
        }

        private void add(Wrk.Result result, Series rate, Series cpu) {
            rate.add(countRequests ? result.requestsPerSecond() : result.gigabytesPerSecond());
            cpu.add(result.cpuSeconds() / result.bytes());
        }
    }
}
