package dev.larder.e2e.demo;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.demo.PullTable.ServedBy;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.monitoring.Prometheus;
import dev.larder.e2e.monitoring.PrometheusFiles;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.pull.Pull;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.PrometheusTools;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.UpstreamRegistry;
import java.io.File;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The story of the demo, on a cluster that is there: install, pull cold, pull again, lose the upstream, lose the cache. */
public final class DemoRun {
    /** The series of Prometheus that the demo ends with. */
    public static final String HIT_RATIO = "registry:larder_hit_ratio:rate5m";

    private static final String RESOURCE = "default";
    private static final String NODE = "node1";
    private static final String OTHER_NODE = "node3";
    private static final double DEFAULT_MIN_FREE = 0.15;
    private static final long ROOM = 2L << 30;
    private static final Duration PULL_LIMIT = Duration.ofSeconds(60);

    private static final Duration SEEN = Duration.ofSeconds(30);

    /** Rates of Prometheus are estimates; one pull less would make more of a difference. */
    private static final double ESTIMATED = 0.05;

    /** What losing the node cache may add to a pull. */
    private static final Duration MAX_ADDED = Duration.ofMillis(1500);

    private static final int TRIES = 3;

    private final NativeCluster cluster;
    private final UpstreamRegistry upstream;
    private final PrometheusTools tools;
    private final Progress progress;
    private final Puller puller;
    private final PullTable table = new PullTable();

    /**
     * What has come of it.
     *
     * @param asPromised whether everything was; what was not is printed
     * @param prometheus the one that watches, still running
     */
    public record Outcome(boolean asPromised, Prometheus prometheus) {}

    /** @param tools for the Prometheus that watches */
    public DemoRun(NativeCluster cluster, UpstreamRegistry upstream, PrometheusTools tools, Progress progress) {
        this.cluster = cluster;
        this.upstream = upstream;
        this.tools = tools;
        this.progress = progress;
        this.puller = new Puller(cluster, PULL_LIMIT);
    }

    /** Tells the story and ends with the hit ratio by Prometheus. */
    public Outcome run(List<Path> archives, PrintStream out) {
        String image = DebianImages.NGINX;
        // The first pull of all warms up what is the same for all of them: containerd, the registry, the counting.
        progress.step("warm up: " + image, () -> {
            puller.pull(image, OTHER_NODE);
            cluster.node(OTHER_NODE).removeImage(Puller.canonical(image));
        });
        Pull direct = pull("without Larder: " + image, image, OTHER_NODE, ServedBy.UPSTREAM_DIRECTLY);
        Larder larder = install(archives, out);
        NodeCache cache = larder.nodeCache(RESOURCE, NODE);
        Prometheus prometheus = watch();

        pull("first time: " + image, image, NODE, ServedBy.CACHE_FROM_UPSTREAM);
        pull("first time: " + DebianImages.BUSYBOX, DebianImages.BUSYBOX, NODE, ServedBy.CACHE_FROM_UPSTREAM);
        pullAfresh("removed from the node: " + image, image, ServedBy.CACHE_ALONE);
        pullAfresh("removed from the node: " + DebianImages.BUSYBOX, DebianImages.BUSYBOX, ServedBy.CACHE_ALONE);
        progress.step("stop the upstream registry", upstream::stop);
        pullAfresh("upstream stopped: " + image, image, ServedBy.CACHE_ALONE);
        double hitRatio = cache.metrics().hitRatio();
        // What it has not asked for before the node cache is killed, it would never see.
        progress.step("wait until Prometheus has seen that pull", () -> awaitSeen(prometheus, hitRatio));
        double watched = watched(prometheus);
        progress.step("start the upstream registry again", upstream::start);
        Duration added = addedByADeadCache(cache, image, direct);
        table.check(
                added.compareTo(MAX_ADDED) < 0,
                "the dead node cache added " + added.toMillis() + " ms, more than " + MAX_ADDED.toMillis());
        table.check(hitRatio > 0.5, "the hit ratio is only " + hitRatio);
        table.check(watched > 0.5, "the hit ratio by Prometheus is only " + watched);
        table.print(out);
        out.printf("The dead node cache added %d ms to the direct pull's time.%n", added.toMillis());
        table.broken().forEach(broken -> out.println("NOT AS PROMISED: " + broken));
        out.printf(Locale.ROOT, "Hit ratio of the node cache by its metrics: %.0f%%%n", 100 * hitRatio);
        out.printf(
                Locale.ROOT,
                "Hit ratio of docker.io by Prometheus %s (%s): %.0f%%%n",
                prometheus.version(),
                HIT_RATIO,
                100 * watched);
        return new Outcome(table.broken().isEmpty(), prometheus);
    }

    private Prometheus watch() {
        return progress.produce("start a Prometheus and wait until it sees every node cache", () -> {
            String rules = PrometheusFiles.read(PrometheusFiles.rules());
            Prometheus started = Prometheus.start(cluster, tools, rules, Duration.ofSeconds(1));
            started.awaitTargets(cluster.nodes().size() + 1);
            return started;
        });
    }

    /** The least of a few times, if need be: a machine that stands still for a moment adds to any of them. */
    private Duration addedByADeadCache(NodeCache cache, String image, Pull direct) {
        Duration least = MAX_ADDED;
        for (int i = 0; i < TRIES && least.compareTo(MAX_ADDED) >= 0; i++) {
            // Before it is killed, so that it is still down when the image is pulled.
            cluster.node(NODE).removeImage(Puller.canonical(image));
            progress.step("kill the node cache until the kubelet waits to restart it", cache::killUntilItStaysDown);
            Duration added = pull("node cache dead: " + image, image, NODE, ServedBy.UPSTREAM_DIRECTLY)
                    .took()
                    .minus(direct.took());
            least = i == 0 || added.compareTo(least) < 0 ? added : least;
        }
        return least;
    }

    private static void awaitSeen(Prometheus prometheus, double hitRatio) {
        Await.until(
                "the hit ratio by Prometheus",
                SEEN,
                () -> watched(prometheus) > hitRatio - ESTIMATED,
                () -> watched(prometheus) + " instead of " + hitRatio);
    }

    private static double watched(Prometheus prometheus) {
        return prometheus.value(HIT_RATIO + "{registry=\"docker.io\"}").orElse(0);
    }

    private Larder install(List<Path> archives, PrintStream out) {
        progress.step("load Larder's images on every node", () -> {
            cluster.nodes().parallelStream().forEach(node -> archives.forEach(node::importImage));
        });
        Larder larder = progress.produce("install Larder's chart", () -> Larder.install(cluster, Map.of()));
        String resource = """
                apiVersion: larder.dev/v1alpha1
                kind: RegistryCache
                metadata: {name: %s}
                spec:
                  registries:
                  - host: docker.io
                    upstreams: [{url: "%s"}]
                """.formatted(RESOURCE, upstream.url()) + storage(out);
        out.println(resource.indent(4).stripTrailing());
        progress.step("apply it and wait until it is Ready", () -> {
            larder.apply(resource);
            larder.awaitReady(RESOURCE);
        });
        return larder;
    }

    /** On a disk that is nearly full the cache would keep nothing by default, as a kubelet would run no pods there. */
    private String storage(PrintStream out) {
        File disk = cluster.folder().toFile();
        if (disk.getUsableSpace() - ROOM > disk.getTotalSpace() * DEFAULT_MIN_FREE) {
            return "";
        }
        out.println(
                "    This disk is so full that Larder would cache nothing on it: of itself it keeps 15 percent free.");
        return "  storage: {minFree: 500Mi}\n";
    }

    private Pull pull(String what, String image, String node, ServedBy promised) {
        upstream.takeTraffic();
        Pull pull = progress.produce(what, () -> puller.pull(image, node));
        table.add(what, pull, upstream.takeTraffic(), promised);
        return pull;
    }

    private Pull pullAfresh(String what, String image, ServedBy promised) {
        upstream.takeTraffic();
        Pull pull = progress.produce(what, () -> puller.pullAfresh(image, NODE));
        table.add(what, pull, upstream.takeTraffic(), promised);
        return pull;
    }
}
