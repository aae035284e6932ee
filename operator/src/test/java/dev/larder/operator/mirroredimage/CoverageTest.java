package dev.larder.operator.mirroredimage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheSpec;
import dev.larder.operator.nodes.Nodes;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CoverageTest {

    private static final String SOURCE = "docker.io/library/nginx";
    private static final List<Node> NODES = List.of(node("a"), node("b"));

    private static Node node(String name) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("pool", name))
                .endMetadata()
                .build();
    }

    private static RegistryCache cache(String name, String created, String spec) {
        RegistryCache cache = new RegistryCache();
        cache.getMetadata().setName(name);
        cache.getMetadata().setCreationTimestamp(created);
        cache.setSpec(Serialization.unmarshal("registries: [{host: docker.io}]\n" + spec, RegistryCacheSpec.class));
        return cache;
    }

    private static RegistryCache older(String spec) {
        return cache("older", "2026-01-01T00:00:00Z", spec);
    }

    private static RegistryCache younger(String spec) {
        return cache("younger", "2026-02-01T00:00:00Z", spec);
    }

    private static Pod pod(String cache, String node) {
        return new PodBuilder(Nodes.pod(node, true))
                .editMetadata()
                .withName(cache + "-" + node)
                .withLabels(Names.labels(cache))
                .endMetadata()
                .build();
    }

    private static Coverage of(RegistryCache... caches) {
        List<Pod> pods = List.of(pod("older", "a"), pod("younger", "a"), pod("younger", "b"));
        return Coverage.of(SOURCE, List.of(caches), pods, () -> NODES);
    }

    @Test
    void podsOfAllThatHaveTheRegistry_areCounted() {
        Coverage coverage = of(
                older("nodes: {selector: {matchLabels: {pool: a}}}"),
                younger("nodes: {selector: {matchLabels: {pool: b}}}"));
        assertThat(coverage.problem()).isEmpty();
        assertThat(coverage.pods()).containsOnlyKeys("older-a", "younger-a", "younger-b");
    }

    @Test
    void whoLostTheRegistryToAnOlderOne_doesNotServeIt() {
        Coverage coverage = of(younger(""), older(""));
        assertThat(coverage.problem()).isEmpty();
        assertThat(coverage.caches())
                .singleElement()
                .satisfies(cache -> assertThat(cache.getMetadata().getName()).isEqualTo("older"));
        assertThat(coverage.pods()).containsOnlyKeys("older-a");
        assertThat(coverage.nodes()).containsOnly("a");
    }

    @Test
    void whoLostIt_doesNotTakeTheRepositoryInItsStead() {
        RegistryCache denying = older("");
        denying.setSpec(Serialization.unmarshal(
                "registries: [{host: docker.io, repositories: {deny: [library/*]}}]", RegistryCacheSpec.class));
        Coverage coverage = of(denying, younger(""));
        assertThat(coverage.problem().orElseThrow().toString())
                .contains("spec.registries[docker.io].repositories of RegistryCache older", "library/nginx");
    }
}
