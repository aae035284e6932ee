package dev.larder.e2e.demo;

import dev.larder.e2e.cluster.Cluster;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.Metrics;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.toolchain.Progress;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The demo on a cluster that is somebody's: installs Larder, pulls one image twice on one node, and takes everything away
 * again. What only the owner of the machines could do (stop a registry, remove an image from a node) it leaves out.
 */
public final class GivenClusterDemo {
    private static final String RESOURCE = "larder-demo";
    private static final String CRD = "registrycaches.larder.dev";
    private static final Duration PULL_LIMIT = Duration.ofMinutes(3);
    private static final int ADMIN_PORT = 5152;

    private final Cluster cluster;
    private final Settings settings;
    private final Progress progress;

    /**
     * @param image is pulled, for example {@code busybox:1.35}
     * @param upstreams the {@code upstreams} of docker.io in the RegistryCache, in YAML's flow style
     * @param values of the chart, where the nodes cannot have the images by their default names
     */
    public record Settings(String image, String upstreams, Map<String, String> values) {
        public Settings {
            values = Map.copyOf(values);
        }
    }

    public GivenClusterDemo(Cluster cluster, Settings settings, Progress progress) {
        this.cluster = cluster;
        this.settings = settings;
        this.progress = progress;
    }

    /** What the node cache had done at some moment. */
    private record Counts(double hits, double fromUpstream, double upstreamRequests, double upstreamBytes) {
        static Counts of(Metrics metrics) {
            return new Counts(
                    metrics.sum("larder_requests_total", Map.of("registry", "docker.io", "outcome", "hit")),
                    metrics.sum("larder_requests_total", Map.of("registry", "docker.io", "outcome", "upstream")),
                    metrics.sum("larder_upstream_requests_total", Map.of()),
                    metrics.sum("larder_upstream_bytes_total", Map.of()));
        }

        Counts since(Counts before) {
            return new Counts(
                    hits - before.hits,
                    fromUpstream - before.fromUpstream,
                    upstreamRequests - before.upstreamRequests,
                    upstreamBytes - before.upstreamBytes);
        }
    }

    /** Returns whether everything was as promised; fails when the cluster has Larder already, which it then leaves alone. */
    public boolean run(PrintStream out) {
        if (crd() != null) {
            throw new CommandFailure(
                    "The cluster has the CRD " + CRD + " already. The demo installs Larder and removes it"
                            + " again, so it keeps away from a cluster where Larder is in use.");
        }
        String node = firstNode();
        try {
            Larder larder = progress.produce("install Larder's chart", () -> Larder.install(cluster, settings.values));
            return pulls(larder, node, out);
        } finally {
            progress.step("remove Larder from the cluster", this::remove);
        }
    }

    private boolean pulls(Larder larder, String node, PrintStream out) {
        progress.step("apply a RegistryCache and wait until it is Ready", () -> {
            larder.apply("""
                    apiVersion: larder.dev/v1alpha1
                    kind: RegistryCache
                    metadata: {name: %s}
                    spec: {registries: [{host: docker.io, upstreams: %s}]}
                    """.formatted(RESOURCE, settings.upstreams));
            larder.awaitReady(RESOURCE);
        });
        Puller puller = new Puller(cluster, PULL_LIMIT);
        List<String> broken = new ArrayList<>();
        out.printf("%n%-34s %6s %14s %18s %16s%n", "on " + node, "hits", "from upstream", "upstream requests", "bytes");
        Counts first = pull("first time: " + settings.image, puller, node, larder, out);
        if (first.fromUpstream == 0) {
            broken.add("the first pull did not come through the node cache");
        }
        Counts second = pull("again: " + settings.image, puller, node, larder, out);
        if (second.hits == 0 || second.upstreamRequests > 0) {
            broken.add("the second pull was not answered by the node cache alone");
        }
        broken.forEach(text -> out.println("NOT AS PROMISED: " + text));
        return broken.isEmpty();
    }

    private Counts pull(String what, Puller puller, String node, Larder larder, PrintStream out) {
        Counts before = counts(larder, node);
        puller.resolveAndPull(settings.image, node);
        Counts made = counts(larder, node).since(before);
        out.printf(
                Locale.ROOT,
                "%-34s %6.0f %14.0f %18.0f %16.0f%n",
                what,
                made.hits,
                made.fromUpstream,
                made.upstreamRequests,
                made.upstreamBytes);
        return made;
    }

    /** Read through the API server, since the nodes' own addresses may not be reachable from here. */
    private Counts counts(Larder larder, String node) {
        String pod = larder.nodeCache(RESOURCE, node)
                .pod()
                .orElseThrow(() -> new CommandFailure("no node cache runs on " + node))
                .getMetadata()
                .getName();
        return Counts.of(Metrics.parse(client().raw("/api/v1/namespaces/" + Larder.NAMESPACE + "/pods/" + pod + ":"
                + ADMIN_PORT + "/proxy/metrics")));
    }

    private String firstNode() {
        return client().nodes().list().getItems().stream()
                .filter(node -> !Boolean.TRUE.equals(node.getSpec().getUnschedulable()))
                .filter(node -> node.getSpec().getTaints().isEmpty())
                .filter(node -> "linux".equals(node.getMetadata().getLabels().get("kubernetes.io/os")))
                .map(Node::getMetadata)
                .map(metadata -> metadata.getName())
                .findFirst()
                .orElseThrow(() -> new CommandFailure("The cluster has no Linux node without taints to pull on."));
    }

    private void remove() {
        if (crd() == null) {
            return;
        }
        Larder larder = Larder.installed(cluster);
        larder.delete(RESOURCE);
        larder.uninstall();
        List<String> crds = List.of(CRD, "mirroredimages.larder.dev");
        crds.forEach(crd -> resource(crd).delete());
        client().namespaces().withName(Larder.NAMESPACE).delete();
        client().namespaces()
                .withName(Larder.NAMESPACE)
                .waitUntilCondition(namespace -> namespace == null, 2, TimeUnit.MINUTES);
        crds.forEach(crd -> resource(crd).waitUntilCondition(found -> found == null, 2, TimeUnit.MINUTES));
    }

    private @Nullable CustomResourceDefinition crd() {
        return resource(CRD).get();
    }

    private Resource<CustomResourceDefinition> resource(String crd) {
        return client().apiextensions().v1().customResourceDefinitions().withName(crd);
    }

    private KubernetesClient client() {
        return cluster.client();
    }
}
