package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.NodeSelectorSpec;
import dev.larder.crds.v1alpha1.PortsSpec;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheSpec;
import dev.larder.crds.v1alpha1.RegistrySpec;
import dev.larder.operator.registrycache.desired.CachePlan;
import io.fabric8.kubernetes.api.model.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What a RegistryCache cannot have, because an older one has it on a common node: pure. Older is by creation, then by name.
 *
 * @param registries each host that was lost, with why
 * @param blocking why it cannot run at all; empty when it can
 */
public record Conflicts(Map<String, String> registries, List<String> blocking) {

    private static final Comparator<RegistryCache> OLDEST_FIRST = Comparator.comparing((RegistryCache cache) ->
                    Objects.toString(cache.getMetadata().getCreationTimestamp(), ""))
            .thenComparing(cache -> cache.getMetadata().getName());

    /** Conflicts of one with the others, on the nodes there are now. */
    public static Conflicts of(RegistryCache self, Collection<RegistryCache> all, Collection<Node> nodes) {
        Map<String, String> registries = new LinkedHashMap<>();
        List<String> blocking = new ArrayList<>();
        all.stream()
                .filter(other ->
                        !other.getMetadata().getName().equals(self.getMetadata().getName()))
                .filter(other -> OLDEST_FIRST.compare(other, self) < 0)
                .sorted(OLDEST_FIRST)
                .forEach(older -> {
                    long common = commonNodes(self, older, nodes);
                    if (common > 0) {
                        compare(self.effectiveSpec(), older, common, registries, blocking);
                    }
                });
        return new Conflicts(registries, blocking);
    }

    boolean none() {
        return registries.isEmpty() && blocking.isEmpty();
    }

    /** One sentence on everything that was lost. */
    String message() {
        List<String> parts = new ArrayList<>(blocking);
        registries.forEach((host, why) -> parts.add("registry " + host + " " + why));
        return parts.stream().limit(10).collect(Collectors.joining("; "));
    }

    private static void compare(
            RegistryCacheSpec self,
            RegistryCache older,
            long common,
            Map<String, String> registries,
            List<String> blocking) {
        RegistryCacheSpec theirs = older.effectiveSpec();
        String on = "of RegistryCache " + older.getMetadata().getName() + " on " + common
                + (common == 1 ? " common node" : " common nodes");
        port("spec.ports.registry", self.ports().registry(), theirs.ports(), on, blocking);
        port("spec.ports.admin", self.ports().admin(), theirs.ports(), on, blocking);
        port("spec.ports.jobs", self.ports().jobsPort(), theirs.ports(), on, blocking);
        if (overlap(self.storage().path(), theirs.storage().path())) {
            blocking.add("spec.storage.path " + self.storage().path() + " overlaps "
                    + theirs.storage().path() + " " + on + ": name another folder");
        }
        for (RegistrySpec registry : CachePlan.claimed(self)) {
            boolean claimed = CachePlan.claimed(theirs).stream()
                    .anyMatch(their -> their.host().equals(registry.host()));
            if (claimed) {
                registries.putIfAbsent(registry.host(), "stays with the claim " + on + ", which is older");
            }
        }
    }

    private static void port(String field, int port, PortsSpec theirs, String on, List<String> blocking) {
        if (port == theirs.registry() || port == theirs.admin() || port == theirs.jobsPort()) {
            blocking.add(field + " " + port + " is a port " + on + ": choose another");
        }
    }

    private static boolean overlap(String one, String other) {
        return (one + "/").startsWith(other + "/") || (other + "/").startsWith(one + "/");
    }

    private static long commonNodes(RegistryCache one, RegistryCache other, Collection<Node> nodes) {
        NodeSelectorSpec first = one.effectiveSpec().nodes().selector();
        NodeSelectorSpec second = other.effectiveSpec().nodes().selector();
        return nodes.stream()
                .map(node -> node.getMetadata().getLabels())
                .filter(labels -> "linux".equals(labels.getOrDefault("kubernetes.io/os", "linux")))
                .filter(labels -> first.selects(labels) && second.selects(labels))
                .count();
    }
}
