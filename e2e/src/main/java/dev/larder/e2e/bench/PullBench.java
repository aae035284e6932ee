package dev.larder.e2e.bench;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.cluster.NativeNode;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.upstream.UpstreamRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Pulls of one image by kubelets, as their own events time them: on a node without Larder, and on a node with it, cold
 * and warm. All take the same plain HTTP road to the same registry on the same machine, so the direct pull is as fast as
 * a pull can be; against a registry on the Internet the cold pull's added time is the same and the warm pull wins.
 */
final class PullBench {

    private static final String RESOURCE = "bench";
    private static final String WITH = "node1";
    private static final String WITHOUT = "node2";

    private final NativeCluster cluster;
    private final UpstreamRegistry upstream;
    private final Larder larder;
    private final Puller puller;

    PullBench(NativeCluster cluster, UpstreamRegistry upstream, Larder larder) {
        this.cluster = cluster;
        this.upstream = upstream;
        this.larder = larder;
        this.puller = new Puller(cluster, Duration.ofMinutes(2));
    }

    void run(String image, int rounds, PrintStream out) {
        letPlainHttpBeDirect(cluster.node(WITHOUT));
        Series direct = new Series("direct");
        Series cold = new Series("through a cold cache");
        Series warm = new Series("through a warm cache");
        for (int round = 0; round < rounds; round++) {
            startEmpty();
            boolean first = round == 0;
            direct.add((first ? puller.pull(image, WITHOUT) : puller.pullAfresh(image, WITHOUT)).took());
            cold.add((first ? puller.pull(image, WITH) : puller.pullAfresh(image, WITH)).took());
            warm.add(puller.pullAfresh(image, WITH).took());
        }
        out.printf("%nPull of %s, median of %d rounds (least to most), beside the direct pull%n", image, rounds);
        for (Series series : new Series[] {direct, cold, warm}) {
            out.println("  " + series.beside(direct));
        }
    }

    /** Applies the resource; the node's cache has nothing in it. */
    void startEmpty() {
        if (larder.find(RESOURCE).isPresent()) {
            larder.delete(RESOURCE);
        }
        Command.of("find", cluster.node(WITH).larderStorage().toString(), "-mindepth", "1", "-delete")
                .run();
        larder.apply("""
                apiVersion: larder.dev/v1alpha1
                kind: RegistryCache
                metadata: {name: %s}
                spec:
                  nodes: {selector: {matchLabels: {kubernetes.io/hostname: %s}}}
                  registries:
                  - host: docker.io
                    upstreams: [{url: "%s"}]
                  storage: {minFree: 1Gi}
                """.formatted(RESOURCE, WITH, upstream.url()));
        larder.awaitReady(RESOURCE);
    }

    private void letPlainHttpBeDirect(NativeNode node) {
        Path folder = node.containerdConfiguration().resolve("certs.d/docker.io");
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("hosts.toml"), "server = \"" + upstream.url() + "\"\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
