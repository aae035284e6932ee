package dev.larder.e2e.bench;

import dev.larder.e2e.images.BuiltImage;
import dev.larder.e2e.images.PackedNodeCache;
import dev.larder.e2e.process.Await;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What nobody has yet, beside the direct download and beside docker-registry as a proxy: several large blobs one after the
 * other by a process that has just started, as the layers of an image. Of one alone docker-registry would show only half
 * its work: it hands the first through, and then fetches it once more, to store it, while it serves the next.
 */
final class ColdBench {
    private static final int ROUNDS = 3;
    /** Of the many: a process has been in use for a while when they have gone through it. */
    private static final int WARM_UP = 50;

    private static final Duration SETTLED = Duration.ofSeconds(10);

    private final BuiltImage image;
    private final Content content;
    private final BenchTools tools;
    private final Path folder;
    private final PrintStream out;

    ColdBench(BuiltImage image, Content content, BenchTools tools, Path folder, PrintStream out) {
        this.image = image;
        this.content = content;
        this.tools = tools;
        this.folder = folder;
        this.out = out;
    }

    /** One way to the blobs. */
    private static final class Way {
        private final Series first;
        private final Series all;
        private final Series firstByte;
        private final Series given;

        Way(String name) {
            first = new Series(name);
            all = new Series(name);
            firstByte = new Series(name, "ms", 1);
            given = new Series(name, "GB", 2);
        }

        void fetch(URI server, List<String> paths, long bytes) {
            Duration whole = Duration.ZERO;
            for (String path : paths) {
                Download download = Download.of(server, path, bytes);
                if (whole.isZero()) {
                    first.add(download.whole());
                }
                firstByte.add(download.firstByte());
                whole = whole.plus(download.whole());
            }
            all.add(whole);
        }
    }

    void run(Nginx nginx) {
        Content.Blob size = content.largest();
        List<String> paths = content.large().stream().map(Content.Blob::path).toList();
        Way direct = new Way("direct");
        Way cold = new Way("node cache");
        Way proxy = new Way("docker-registry");
        for (int round = 0; round < ROUNDS; round++) {
            counted(nginx, direct, () -> direct.fetch(nginx.counted(), paths, size.bytes()));
            counted(nginx, cold, () -> {
                try (PackedNodeCache cache = HttpBench.cache(image, nginx.counted())) {
                    List<String> through =
                            paths.stream().map(HttpBench::throughCache).toList();
                    cold.fetch(cache.registry(), through, size.bytes());
                }
            });
            counted(nginx, proxy, () -> {
                try (ProxyRegistry registry = ProxyRegistry.start(tools, nginx.counted(), folder)) {
                    proxy.fetch(registry.url(), paths, size.bytes());
                }
            });
        }
        List<Way> ways = List.of(direct, cold, proxy);
        out.printf(
                "%n%d cold blobs of %s one after the other, upstream on the same machine, medians of %d%n",
                paths.size(), size.name(), ROUNDS);
        out.println("  all of them");
        ways.forEach(way -> out.println("  " + way.all.beside(direct.all)));
        out.println("  the first");
        ways.forEach(way -> out.println("  " + way.first.beside(direct.first)));
        out.println("  first byte");
        ways.forEach(way -> out.println("  " + way.firstByte.beside(direct.firstByte)));
        out.println("  given by the upstream until then");
        ways.forEach(way -> out.println("  " + way.given.beside(direct.given)));
        limited(nginx, size);
        firstBytesInUse(nginx);
    }

    /** What the upstream gave meanwhile; it says so when an answer is over. */
    private static void counted(Nginx nginx, Way way, Runnable step) {
        long before = nginx.given();
        step.run();
        long[] last = {-1};
        Await.until("the upstream's last word", SETTLED, () -> {
            long now = nginx.given();
            boolean settled = now > before && now == last[0];
            last[0] = now;
            return settled;
        });
        way.given.add((last[0] - before) / 1e9);
    }

    private void limited(Nginx nginx, Content.Blob blob) {
        Way direct = new Way("direct");
        Way cold = new Way("node cache");
        for (int round = 0; round < ROUNDS; round++) {
            direct.fetch(nginx.limited(), List.of(blob.path()), blob.bytes());
            try (PackedNodeCache cache = HttpBench.cache(image, nginx.limited())) {
                cold.fetch(cache.registry(), List.of(HttpBench.throughCache(blob.path())), blob.bytes());
            }
        }
        List<Way> ways = List.of(direct, cold);
        out.printf(
                "%nCold blob of %s, upstream giving 100 MB/s, by a process that has just started, medians of %d%n",
                blob.name(), ROUNDS);
        out.println("  the whole");
        ways.forEach(way -> out.println("  " + way.all.beside(direct.all)));
        out.println("  first byte");
        ways.forEach(way -> out.println("  " + way.firstByte.beside(direct.firstByte)));
    }

    private void firstBytesInUse(Nginx nginx) {
        Series direct = new Series("direct", "ms", 2);
        Series cold = new Series("node cache", "ms", 2);
        try (PackedNodeCache cache = HttpBench.cache(image, nginx.limited())) {
            List<Content.Blob> blobs = content.many();
            for (Content.Blob blob : blobs.subList(0, WARM_UP)) {
                Download.of(cache.registry(), HttpBench.throughCache(blob.path()), blob.bytes());
            }
            for (Content.Blob blob : blobs.subList(WARM_UP, blobs.size())) {
                direct.add(
                        Download.of(nginx.limited(), blob.path(), blob.bytes()).firstByte());
                cold.add(Download.of(cache.registry(), HttpBench.throughCache(blob.path()), blob.bytes())
                        .firstByte());
            }
            out.printf(
                    "%nFirst byte of cold blobs of 1 MiB, the same upstream, by a process in use, medians of %d%n",
                    blobs.size() - WARM_UP);
        }
        out.println("  " + direct.beside(direct));
        out.println("  " + cold.beside(direct));
    }
}
