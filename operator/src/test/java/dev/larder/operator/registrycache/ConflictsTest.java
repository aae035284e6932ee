package dev.larder.operator.registrycache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.desired.Plans;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConflictsTest {

    private static final List<Node> NODES = List.of(node("n1", "a"), node("n2", "a"), node("n3", "b"));
    private static final String ELSEWHERE = "ports: {registry: 6151, admin: 6152}\nstorage: {path: /data/other}\n";

    @Test
    void alone_hasNone() {
        RegistryCache only = cache("a", "2026-01-01T00:00:00Z", "{}");
        assertThat(Conflicts.of(only, List.of(only), NODES).none()).isTrue();
    }

    @Test
    void youngerLosesTheCommonRegistry_olderKeepsIt() {
        RegistryCache older = cache("a", "2026-01-01T00:00:00Z", "registries: [{host: docker.io}, {host: quay.io}]");
        RegistryCache younger =
                cache("b", "2026-01-02T00:00:00Z", ELSEWHERE + "registries: [{host: docker.io}, {host: ghcr.io}]");
        assertThat(Conflicts.of(older, List.of(older, younger), NODES).none()).isTrue();
        Conflicts lost = Conflicts.of(younger, List.of(older, younger), NODES);
        assertThat(lost.registries()).containsOnlyKeys("docker.io");
        assertThat(lost.blocking()).isEmpty();
        assertThat(lost.message())
                .isEqualTo(
                        "registry docker.io stays with the claim of RegistryCache a on 3 common nodes, which is older");
    }

    @Test
    void sameAge_nameDecides() {
        RegistryCache a = cache("a", "2026-01-01T00:00:00Z", "{}");
        RegistryCache b = cache("b", "2026-01-01T00:00:00Z", "{}");
        assertThat(Conflicts.of(a, List.of(a, b), NODES).none()).isTrue();
        assertThat(Conflicts.of(b, List.of(a, b), NODES).none()).isFalse();
    }

    @Test
    void noCommonNode_noConflict() {
        RegistryCache a = cache("a", "2026-01-01T00:00:00Z", "nodes: {selector: {matchLabels: {pool: a}}}");
        RegistryCache b = cache(
                "b",
                "2026-01-02T00:00:00Z",
                "nodes: {selector: {matchExpressions: [{key: pool, operator: NotIn, values: [a]}]}}");
        assertThat(Conflicts.of(b, List.of(a, b), NODES).none()).isTrue();
    }

    @Test
    void samePortsOrStorage_block() {
        RegistryCache a = cache("a", "2026-01-01T00:00:00Z", "registries: [{host: docker.io}]");
        RegistryCache b = cache(
                "b",
                "2026-01-02T00:00:00Z",
                "registries: [{host: quay.io}]\nports: {registry: 5152, admin: 6152}\nstorage: {path: /var/lib/larder/b}");
        Conflicts conflicts = Conflicts.of(b, List.of(a, b), NODES);
        assertThat(conflicts.registries()).isEmpty();
        assertThat(conflicts.blocking())
                .containsExactly(
                        "spec.ports.registry 5152 is a port of RegistryCache a on 3 common nodes: choose another",
                        "spec.storage.path /var/lib/larder/b overlaps /var/lib/larder of RegistryCache a on 3 common nodes:"
                                + " name another folder");
    }

    @Test
    void windowsNodes_areNotCommon() {
        Node windows = new NodeBuilder()
                .withNewMetadata()
                .withName("w")
                .withLabels(Map.of("kubernetes.io/os", "windows"))
                .endMetadata()
                .build();
        RegistryCache a = cache("a", "2026-01-01T00:00:00Z", "{}");
        RegistryCache b = cache("b", "2026-01-02T00:00:00Z", "{}");
        assertThat(Conflicts.of(b, List.of(a, b), List.of(windows)).none()).isTrue();
    }

    private static RegistryCache cache(String name, String created, String spec) {
        RegistryCache cache = Plans.cache(name, spec);
        cache.getMetadata().setCreationTimestamp(created);
        return cache;
    }

    private static Node node(String name, String pool) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("kubernetes.io/os", "linux", "pool", pool))
                .endMetadata()
                .build();
    }
}
