package dev.larder.e2e.demo;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.demo.PullTable.ServedBy;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.pull.Pull;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.UpstreamRegistry;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The story of the demo, on a cluster that is there: install, pull cold, pull again, lose the upstream, lose the cache. */
public final class DemoRun {
    private static final String RESOURCE = "default";
    private static final String NODE = "node1";
    private static final String OTHER_NODE = "node3";
    private static final Duration PULL_LIMIT = Duration.ofSeconds(60);

    /** What losing the node cache may add to a pull. */
    private static final Duration MAX_ADDED = Duration.ofMillis(1500);

    private final NativeCluster cluster;
    private final UpstreamRegistry upstream;
    private final Progress progress;
    private final Puller puller;
    private final PullTable table = new PullTable();

    public DemoRun(NativeCluster cluster, UpstreamRegistry upstream, Progress progress) {
        this.cluster = cluster;
        this.upstream = upstream;
        this.progress = progress;
        this.puller = new Puller(cluster, PULL_LIMIT);
    }

    /** Returns whether everything was as promised; what was not is printed. */
    public boolean run(List<Path> archives, PrintStream out) {
        String image = DebianImages.NGINX;
        // The first pull of all warms up what is the same for all of them: containerd, the registry, the counting.
        progress.step("warm up: " + image, () -> {
            puller.pull(image, OTHER_NODE);
            cluster.node(OTHER_NODE).removeImage(Puller.canonical(image));
        });
        Pull direct = pull("without Larder: " + image, image, OTHER_NODE, ServedBy.UPSTREAM_DIRECTLY);
        Larder larder = install(archives, out);
        NodeCache cache = larder.nodeCache(RESOURCE, NODE);

        pull("first time: " + image, image, NODE, ServedBy.CACHE_FROM_UPSTREAM);
        pull("first time: " + DebianImages.BUSYBOX, DebianImages.BUSYBOX, NODE, ServedBy.CACHE_FROM_UPSTREAM);
        pullAfresh("removed from the node: " + image, image, ServedBy.CACHE_ALONE);
        pullAfresh("removed from the node: " + DebianImages.BUSYBOX, DebianImages.BUSYBOX, ServedBy.CACHE_ALONE);
        progress.step("stop the upstream registry", upstream::stop);
        pullAfresh("upstream stopped: " + image, image, ServedBy.CACHE_ALONE);
        double hitRatio = cache.metrics().hitRatio();
        progress.step("start the upstream registry again", upstream::start);
        progress.step("kill the node cache until the kubelet waits to restart it", cache::killUntilItStaysDown);
        Pull alone = pullAfresh("node cache dead: " + image, image, ServedBy.UPSTREAM_DIRECTLY);

        Duration added = alone.took().minus(direct.took());
        table.check(
                added.compareTo(MAX_ADDED) < 0,
                "the dead node cache added " + added.toMillis() + " ms, more than " + MAX_ADDED.toMillis());
        table.check(hitRatio > 0.5, "the hit ratio is only " + hitRatio);
        table.print(out);
        out.printf(Locale.ROOT, "Hit ratio of the node cache by its metrics: %.0f%%%n", 100 * hitRatio);
        out.printf("The dead node cache added %d ms to the direct pull's time.%n", added.toMillis());
        table.broken().forEach(broken -> out.println("NOT AS PROMISED: " + broken));
        return table.broken().isEmpty();
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
                """.formatted(RESOURCE, upstream.url());
        out.println(resource.indent(4).stripTrailing());
        progress.step("apply it and wait until it is Ready", () -> {
            larder.apply(resource);
            larder.awaitReady(RESOURCE);
        });
        return larder;
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
