package dev.larder.e2e;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.install.LarderImages;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.UpstreamRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code make cluster NODES=n}: starts a cluster that goes on until {@code make cluster-down}, with Larder's images on every
 * node and a registry that plays docker.io.
 */
public final class ClusterUp {
    private ClusterUp() {}

    public static void main(String... arguments) {
        // Not only a return: the Kubernetes client's threads are no reason to stay.
        System.exit(run(arguments.length == 0 ? "3" : arguments[0]));
    }

    private static int run(String count) {
        if (!count.matches("[1-9][0-9]?")) {
            System.err.println("NODES is '" + count + "': give a number from 1 to 99.");
            return 2;
        }
        Progress progress = new Progress(System.out);
        CacheFolder cache = CacheFolder.ofEnvironment();
        try {
            List<Path> archives = LarderImages.build(System.out);
            NativeCluster cluster = NativeCluster.start(Integer.parseInt(count), cache, progress);
            UpstreamRegistry upstream =
                    UpstreamRegistry.start(cluster, DebianImages.prepare(cache, cluster.tools(), progress));
            progress.step("load Larder's images on every node", () -> cluster.nodes()
                    .forEach(node -> archives.forEach(node::importImage)));
            upstream.detach();
            cluster.detach();
            explain(cluster, upstream, progress);
            return 0;
        } catch (CommandFailure | IOException e) {
            System.err.println("\nThe cluster could not be started. " + e.getMessage());
            return 2;
        }
    }

    private static void explain(NativeCluster cluster, UpstreamRegistry upstream, Progress progress) {
        progress.say(cluster.description());
        progress.say("""
                export KUBECONFIG=%s
                export PATH=$PATH:%s
                Nodes pull nginx:1.22 and busybox:1.35 as docker.io's. For a RegistryCache, that registry is %s.
                End the cluster with: make cluster-down""".formatted(cluster.kubeconfig(), cluster.tools().kubernetes(), upstream.url()));
    }
}
