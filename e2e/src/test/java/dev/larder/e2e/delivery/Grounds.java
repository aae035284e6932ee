package dev.larder.e2e.delivery;

import dev.larder.e2e.TreeSnapshot;
import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.install.Helm;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.LarderImages;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.SourceTree;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A cluster of one node that has never seen Larder, with its images on the node, for an installation from the beginning to the
 * end; what was there before is kept to be compared with what is there afterwards.
 */
final class Grounds implements AutoCloseable {
    static final Path TREE = SourceTree.find();
    private static final Duration END = Duration.ofMinutes(2);
    /** What an installation can leave behind, but for Events, and the Lease of the operator, which stays. */
    private static final String KINDS = "namespaces,deployments.apps,daemonsets.apps,configmaps,secrets,services,"
            + "serviceaccounts,roles.rbac.authorization.k8s.io,rolebindings.rbac.authorization.k8s.io,"
            + "clusterroles.rbac.authorization.k8s.io,clusterrolebindings.rbac.authorization.k8s.io,"
            + "networkpolicies.networking.k8s.io,poddisruptionbudgets.policy,resourcequotas,pods,jobs.batch";

    private final NativeCluster cluster;
    private final Map<String, String> files;
    private Set<String> objects;

    private Grounds(NativeCluster cluster) {
        this.cluster = cluster;
        files = files();
        objects = objects();
    }

    static Grounds prepare() throws IOException {
        NativeCluster cluster = NativeCluster.start(1, CacheFolder.ofEnvironment(), new Progress(System.out));
        try {
            for (Path archive : LarderImages.build(System.out)) {
                cluster.nodes().getFirst().importImage(archive);
            }
            return new Grounds(cluster);
        } catch (IOException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    NativeCluster cluster() {
        return cluster;
    }

    KubernetesClient client() {
        return cluster.client();
    }

    /** The Larder that is or will be installed here. */
    Larder larder() {
        return Larder.installed(cluster);
    }

    /** What is there now is not Larder's. */
    void keepWhatIsThere() {
        objects = objects();
    }

    /** {@code kubectl} with these arguments. */
    Command kubectl(String... arguments) {
        return Command.of(arguments)
                .behind(List.of(cluster.tools().kubectl().toString()))
                .with(Helm.of(cluster).environment())
                .in(TREE);
    }

    List<Pod> operatorPods() {
        return client().pods()
                .inNamespace(Larder.NAMESPACE)
                .withLabel("app.kubernetes.io/name", "larder-operator")
                .list()
                .getItems();
    }

    /** The objects of a YAML text. */
    List<HasMetadata> objects(String yaml) {
        return client().load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items();
    }

    /** containerd's entry for docker.io on the node. */
    Path entry() {
        return cluster.nodes().getFirst().containerdConfiguration().resolve("certs.d/docker.io/hosts.toml");
    }

    /** Returns when containerd's configuration on the node is byte for byte what it was in the beginning. */
    void awaitNodeAsItWas() {
        Await.until(
                "the node's containerd configuration being as it was",
                END,
                () -> files().equals(files),
                () -> files().toString());
    }

    /** Returns when no object is left that was not there before, but for the namespace, which Helm and Argo CD leave. */
    void awaitNoObjectOfOurs() {
        Await.until("the end of every object of Larder", END, () -> left().isEmpty(), () -> left().toString());
    }

    private Set<String> left() {
        Set<String> left = new TreeSet<>(objects());
        left.removeAll(objects);
        left.remove("/Namespace/" + Larder.NAMESPACE);
        // Kubernetes' own, which come with every namespace.
        left.removeIf(
                object -> object.endsWith("/ConfigMap/kube-root-ca.crt") || object.endsWith("/ServiceAccount/default"));
        return left;
    }

    private Set<String> objects() {
        String all = kubectl(
                        "get",
                        KINDS,
                        "--all-namespaces",
                        "--output",
                        "go-template={{range .items}}{{with .metadata.namespace}}{{.}}{{end}}/{{.kind}}/{{.metadata.name}}{{\"\\n\"}}{{end}}")
                .run();
        return all.lines().collect(Collectors.toCollection(TreeSet::new));
    }

    private Map<String, String> files() {
        return TreeSnapshot.of(cluster.nodes().getFirst().containerdConfiguration());
    }

    @Override
    public void close() {
        cluster.close();
    }
}
