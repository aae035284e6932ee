package dev.larder.e2e;

import dev.larder.e2e.cluster.ExistingCluster;
import dev.larder.e2e.cluster.K3sCluster;
import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.demo.DemoRun;
import dev.larder.e2e.demo.GivenClusterDemo;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.LarderImages;
import dev.larder.e2e.monitoring.Prometheus;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.PrometheusTools;
import dev.larder.e2e.toolchain.Toolchain;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.UpstreamRegistry;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * {@code make demo}: Larder's main job on a real cluster, from nothing, or on the one that {@code KUBECONFIG} names. Exit status 0 means that every pull was served by
 * whom it was meant to be; 1 that something was not as promised; 2 that the demo could not be run.
 */
public final class Demo {
    private static final int NODES = 3;
    private static final int FAILED = 2;
    private static final Duration A_MOMENT = Duration.ofSeconds(2);

    private Demo() {}

    public static void main(String... arguments) {
        int status = run();
        if (status == FAILED) {
            // Ctrl-C ends our children as well, and their end may be noticed a moment before our own signal is.
            LockSupport.parkNanos(A_MOMENT.toNanos());
        }
        // Not only a return: the Kubernetes client's threads are no reason to stay.
        System.exit(status);
    }

    private static int run() {
        Progress progress = new Progress(System.out);
        Map<String, String> environment = System.getenv();
        try {
            if ("k3s".equals(environment.get("CLUSTER"))) {
                return inDocker(progress);
            }
            String kubeconfig = environment.getOrDefault("KUBECONFIG", "");
            return kubeconfig.isBlank() ? onNewCluster(progress) : onGivenCluster(Path.of(kubeconfig), progress);
        } catch (CommandFailure | KubernetesClientException | IOException e) {
            System.err.println("\nThe demo could not be run to its end. " + e.getMessage());
            return FAILED;
        }
    }

    private static int onNewCluster(Progress progress) throws IOException {
        CacheFolder cache = CacheFolder.ofEnvironment();
        boolean keep = "1".equals(System.getenv("KEEP"));
        announce(cache, keep);
        List<Path> archives = LarderImages.build(System.out);
        Toolchain tools = Toolchain.prepare(cache, progress);
        DebianImages images = DebianImages.prepare(cache, tools, progress);
        PrometheusTools prometheus = PrometheusTools.ofDebian(cache, progress);
        NativeCluster cluster = NativeCluster.start(NODES, cache, progress);
        try {
            UpstreamRegistry upstream = UpstreamRegistry.start(cluster, images);
            DemoRun story = new DemoRun(cluster, upstream, prometheus, progress);
            DemoRun.Outcome outcome = story.run(archives, System.out);
            if (keep) {
                upstream.detach();
                cluster.detach();
                explain(cluster, outcome.prometheus());
            } else {
                outcome.prometheus().stop();
            }
            return outcome.asPromised() ? 0 : 1;
        } finally {
            if (!keep) {
                progress.step("end the cluster", cluster::close);
            }
        }
    }

    private static int onGivenCluster(Path kubeconfig, Progress progress) {
        GivenClusterDemo.Settings settings = givenClusterSettings(System.getenv());
        try (ExistingCluster cluster = new ExistingCluster(kubeconfig)) {
            System.out.printf("""
                    KUBECONFIG is set: Larder's main job on the cluster %s.
                    What this does to it: installs the chart in the namespace %s, makes one RegistryCache for docker.io, runs two
                    pods of %s in the namespace default, and removes all of it again. A cluster with Larder's CRD is left alone.
                    The nodes must be able to have Larder's images: DEMO_SET=key=value,… passes chart values.
                    Without KUBECONFIG the demo starts a cluster of its own.
                    %n""", cluster.client().getMasterUrl(), Larder.NAMESPACE, settings.image());
            return new GivenClusterDemo(cluster, settings, progress).run(System.out) ? 0 : 1;
        }
    }

    private static int inDocker(Progress progress) throws IOException {
        if (!K3sCluster.possible()) {
            throw new CommandFailure(
                    "CLUSTER=k3s needs a Docker engine, and none answers. Without it the demo needs no Docker.");
        }
        List<Path> archives = LarderImages.build(System.out);
        try (K3sCluster cluster = progress.produce("start K3s in a container", K3sCluster::start)) {
            cluster.nodes().forEach(node -> archives.forEach(node::importImage));
            return new GivenClusterDemo(cluster, givenClusterSettings(System.getenv()), progress).run(System.out)
                    ? 0
                    : 1;
        }
    }

    private static GivenClusterDemo.Settings givenClusterSettings(Map<String, String> environment) {
        String url = environment.getOrDefault("DEMO_UPSTREAM", "https://registry-1.docker.io");
        Map<String, String> values = new LinkedHashMap<>();
        for (String pair : environment.getOrDefault("DEMO_SET", "").split(",", -1)) {
            if (!pair.isBlank()) {
                int equals = pair.indexOf('=');
                if (equals < 1) {
                    throw new CommandFailure("DEMO_SET has '" + pair + "': write key=value, separated by commas.");
                }
                values.put(pair.substring(0, equals), pair.substring(equals + 1));
            }
        }
        return new GivenClusterDemo.Settings(
                environment.getOrDefault("DEMO_IMAGE", DebianImages.BUSYBOX), "[{url: \"" + url + "\"}]", values);
    }

    private static void announce(CacheFolder cache, boolean keep) {
        System.out.println("""
                Larder's main job on a real Kubernetes cluster of %d nodes.
                What this does to the machine:
                  - it keeps binaries, Debian packages and images in %s (some 3 GB; delete it when you like)
                  - Go keeps its own caches of modules and builds
                  - while it runs: a cluster in namespaces of its own, network interfaces named larder<number> with a subnet
                    of 10.89.<number>.0/24, a route to 10.10x.0.0/16, and cgroups named larder<number>-*
                  - a Prometheus beside it, of Debian's package, asks Larder for its metrics
                  - nothing is installed, no service is started, and %s
                """.formatted(
                        NODES,
                        cache.root(),
                        keep
                                ? "the cluster goes on afterwards (KEEP=1) until 'make cluster-down'"
                                : "at the end, also after Ctrl-C, only the caches are left"));
    }

    private static void explain(NativeCluster cluster, Prometheus prometheus) {
        System.out.println("""

                The cluster goes on at %s. Use it with
                  export KUBECONFIG=%s
                  export PATH=$PATH:%s
                  kubectl get registrycaches,pods -A -o wide
                Prometheus, with Larder's rules and alerts, goes on at %s. Ask it
                  %s
                Files and logs are in %s. End both with: make cluster-down
                """.formatted(
                        cluster.client().getMasterUrl(),
                        cluster.kubeconfig(),
                        cluster.tools().kubernetes(),
                        prometheus.url(),
                        prometheus.queryUrl(DemoRun.HIT_RATIO),
                        cluster.folder()));
    }
}
