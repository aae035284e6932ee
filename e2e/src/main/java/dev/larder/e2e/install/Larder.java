package dev.larder.e2e.install;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.e2e.cluster.Cluster;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.toolchain.SourceTree;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The Helm release {@code larder} in the namespace {@code larder-system} of a cluster. */
public final class Larder {
    public static final String NAMESPACE = "larder-system";
    private static final String RELEASE = "larder";
    /** Pods of a new version come node by node. */
    private static final Duration START = Duration.ofMinutes(6);

    private final Cluster cluster;

    private Larder(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Installs the chart of this source tree and returns when the operator is available. */
    public static Larder install(Cluster cluster, Map<String, String> values) {
        var larder = new Larder(cluster);
        larder.helm(chart(List.of("install", RELEASE), List.of("--create-namespace"), values));
        larder.awaitOperator();
        return larder;
    }

    /** The release that a cluster has already. */
    public static Larder installed(Cluster cluster) {
        return new Larder(cluster);
    }

    /** Upgrades the release with these values; the pods it changes are replaced after this returns. */
    public void upgrade(Map<String, String> values) {
        helm(chart(List.of("upgrade", RELEASE), List.of(), values));
    }

    /** Uninstalls the release. The CRD and RegistryCaches stay, as Helm has it. */
    public void uninstall() {
        helm(List.of("uninstall", RELEASE));
    }

    private static List<String> chart(List<String> command, List<String> options, Map<String, String> values) {
        String chart = SourceTree.find().resolve("helm/larder").toString();
        return Stream.of(command, List.of(chart), options, Helm.set(values))
                .flatMap(List::stream)
                .toList();
    }

    private void helm(List<String> arguments) {
        var line = new ArrayList<>(arguments);
        line.addAll(List.of("--namespace", NAMESPACE));
        Helm.of(cluster).command(line).run();
    }

    public void awaitOperator() {
        Await.until(
                "the operator being available",
                START,
                () -> client().apps().deployments().inNamespace(NAMESPACE).list().getItems().stream()
                        .anyMatch(deployment -> Objects.equals(
                                deployment.getStatus().getAvailableReplicas(),
                                deployment.getSpec().getReplicas())),
                this::podsInTrouble);
    }

    /** Creates or changes the resource that the text describes. */
    public void apply(String yaml) {
        client().resource(yaml).serverSideApply();
    }

    /** Returns when the resource says Ready about its present generation. */
    public void awaitReady(String name) {
        awaitCondition(name, "Ready", Condition.Status.True);
    }

    public void awaitCondition(String name, String type, Condition.Status status) {
        Await.until(
                "RegistryCache " + name + " being " + type + "=" + status,
                START,
                () -> condition(name, type)
                        .filter(condition -> condition.status() == status)
                        .isPresent(),
                () -> "It says " + find(name).map(RegistryCache::getStatus) + podsInTrouble());
    }

    /** The condition, if it was decided for the resource as it is now. */
    public Optional<Condition> condition(String name, String type) {
        return find(name)
                .filter(cache -> cache.getStatus() != null)
                .filter(cache -> Objects.equals(
                        cache.getStatus().observedGeneration(),
                        cache.getMetadata().getGeneration()))
                .flatMap(cache -> cache.getStatus().conditions().stream()
                        .filter(condition -> condition.type().equals(type))
                        .findFirst());
    }

    public Optional<RegistryCache> find(String name) {
        return Optional.ofNullable(resource(name).get());
    }

    /** Deletes the resource and returns when it is gone with its node caches. */
    public void delete(String name) {
        resource(name).delete();
        Await.until(
                "the end of RegistryCache " + name,
                START,
                () -> find(name).isEmpty() && nodeCachePods(name).isEmpty(),
                this::podsInTrouble);
    }

    private Resource<RegistryCache> resource(String name) {
        return client().resources(RegistryCache.class).withName(name);
    }

    /** The node cache of the resource on a node. */
    public NodeCache nodeCache(String resource, String node) {
        return new NodeCache(cluster, cluster.node(node), resource);
    }

    private List<Pod> nodeCachePods(String resource) {
        return NodeCache.pods(client(), resource);
    }

    private String podsInTrouble() {
        var text = new StringBuilder();
        for (Pod pod : client().pods().inNamespace(NAMESPACE).list().getItems()) {
            text.append("\nPod ")
                    .append(pod.getMetadata().getName())
                    .append(": ")
                    .append(pod.getStatus().getPhase());
            pod.getStatus().getContainerStatuses().stream()
                    .filter(status -> !Boolean.TRUE.equals(status.getReady()))
                    .forEach(status -> text.append(" ")
                            .append(status.getName())
                            .append(" ")
                            .append(status.getState()));
        }
        return text.toString();
    }

    private KubernetesClient client() {
        return cluster.client();
    }
}
