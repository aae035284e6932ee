package dev.larder.e2e;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.demo.DemoRun;
import dev.larder.e2e.install.LarderImages;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.Toolchain;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.UpstreamRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code make demo}: Larder's main job on a real cluster, from nothing. Exit status 0 means that every pull was served by
 * whom it was meant to be; 1 that something was not as promised; 2 that the demo could not be run.
 */
public final class Demo {
    private static final int NODES = 3;

    private Demo() {}

    public static void main(String... arguments) {
        // Not only a return: the Kubernetes client's threads are no reason to stay.
        System.exit(run());
    }

    private static int run() {
        CacheFolder cache = CacheFolder.ofEnvironment();
        boolean keep = "1".equals(System.getenv("KEEP"));
        announce(cache, keep);
        Progress progress = new Progress(System.out);
        try {
            List<Path> archives = LarderImages.build(System.out);
            Toolchain tools = Toolchain.prepare(cache, progress);
            DebianImages images = DebianImages.prepare(cache, tools, progress);
            NativeCluster cluster = NativeCluster.start(NODES, cache, progress);
            try {
                UpstreamRegistry upstream = UpstreamRegistry.start(cluster, images);
                boolean kept = new DemoRun(cluster, upstream, progress).run(archives, System.out);
                if (keep) {
                    upstream.detach();
                    cluster.detach();
                    explain(cluster);
                }
                return kept ? 0 : 1;
            } finally {
                if (!keep) {
                    progress.step("end the cluster", cluster::close);
                }
            }
        } catch (CommandFailure | IOException e) {
            System.err.println("\nThe demo could not be run to its end. " + e.getMessage());
            return 2;
        }
    }

    private static void announce(CacheFolder cache, boolean keep) {
        System.out.println("""
                Larder's main job on a real Kubernetes cluster of %d nodes.
                What this does to the machine:
                  - it keeps binaries, Debian packages and images in %s (some 3 GB; delete it when you like)
                  - Go keeps its own caches of modules and builds
                  - while it runs: a cluster in namespaces of its own, network interfaces named larder<number> with a subnet
                    of 10.89.<number>.0/24, a route to 10.10x.0.0/16, and cgroups named larder<number>-*
                  - nothing is installed, no service is started, and %s
                """.formatted(
                        NODES,
                        cache.root(),
                        keep
                                ? "the cluster goes on afterwards (KEEP=1) until 'make cluster-down'"
                                : "at the end, also after Ctrl-C, only the caches are left"));
    }

    private static void explain(NativeCluster cluster) {
        System.out.println("""
                The cluster goes on. Use it with
                  export KUBECONFIG=%s
                  export PATH=$PATH:%s
                  kubectl get registrycache,pods -A -o wide
                Its files and logs are in %s. End it with: make cluster-down
                """.formatted(cluster.kubeconfig(), cluster.tools().kubernetes(), cluster.folder()));
    }
}
