package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.PortsSpec;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RepositoriesSpec;
import dev.larder.operator.nodes.JobClient;
import dev.larder.operator.nodes.NodeCacheClient;
import dev.larder.operator.registrycache.Conflicts;
import dev.larder.operator.registrycache.StatusAddress;
import dev.larder.operator.registrycache.desired.CachePlan;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * The node caches that serve a source: pure.
 *
 * @param problem why there can be none; empty when a RegistryCache covers the source
 * @param caches that have the registry, not lost to an older one
 * @param pods by name, in order of their names
 */
record Coverage(Optional<Problem> problem, List<RegistryCache> caches, Map<String, NodeCache> pods) {

    /** One running node cache. */
    record NodeCache(Pod pod, NodeCacheClient.Address status, JobClient.Address jobs) {
        /** Empty while it is not known. */
        String node() {
            return pod.getSpec() == null || pod.getSpec().getNodeName() == null
                    ? ""
                    : pod.getSpec().getNodeName();
        }
    }

    Coverage {
        caches = List.copyOf(caches);
        pods = Collections.unmodifiableMap(new LinkedHashMap<>(pods));
    }

    /** @param nodes asked for where several RegistryCaches claim the registry */
    static Coverage of(
            String source, Collection<RegistryCache> caches, Collection<Pod> pods, Supplier<Collection<Node>> nodes) {
        String host = source.substring(0, source.indexOf('/'));
        String repository = source.substring(host.length() + 1);
        List<RegistryCache> covering = having(host, caches, nodes);
        if (covering.isEmpty()) {
            return new Coverage(
                    Optional.of(new Problem(
                            "spec.source",
                            "no RegistryCache caches " + host
                                    + ": add it to spec.registries of one, or change source")),
                    covering,
                    Map.of());
        }
        if (covering.stream().noneMatch(cache -> takes(cache, host, repository))) {
            return new Coverage(
                    Optional.of(new Problem(
                            "spec.source",
                            "spec.registries[" + host + "].repositories of RegistryCache "
                                    + covering.getFirst().getMetadata().getName() + " leave " + repository
                                    + " out: allow it there, or change source")),
                    covering,
                    Map.of());
        }
        Map<String, NodeCache> found = new TreeMap<>();
        for (RegistryCache cache : covering) {
            pods.stream()
                    .filter(pod -> isOf(pod, cache) && isRunning(pod))
                    .forEach(pod -> found.put(
                            pod.getMetadata().getName(),
                            nodeCache(pod, cache.effectiveSpec().ports())));
        }
        return new Coverage(Optional.empty(), covering, found);
    }

    private static NodeCache nodeCache(Pod pod, PortsSpec ports) {
        return new NodeCache(
                pod,
                StatusAddress.of(pod, ports),
                new JobClient.Address(pod.getStatus().getPodIP(), ports.jobsPort()));
    }

    /** One that claims it, too, but is younger, does not have it. */
    private static List<RegistryCache> having(
            String host, Collection<RegistryCache> caches, Supplier<Collection<Node>> nodes) {
        List<RegistryCache> claiming =
                caches.stream().filter(cache -> hasHost(cache, host)).toList();
        if (claiming.size() < 2) {
            return claiming;
        }
        Collection<Node> all = nodes.get();
        return claiming.stream()
                .filter(cache ->
                        !Conflicts.of(cache, claiming, all).registries().containsKey(host))
                .toList();
    }

    private static boolean hasHost(RegistryCache cache, String host) {
        return CachePlan.claimed(cache.effectiveSpec()).stream()
                .anyMatch(registry -> registry.host().equals(host));
    }

    private static boolean takes(RegistryCache cache, String host, String repository) {
        return CachePlan.claimed(cache.effectiveSpec()).stream()
                .filter(registry -> registry.host().equals(host))
                .anyMatch(registry -> takes(registry.repositories(), repository));
    }

    private static boolean takes(RepositoriesSpec rules, String repository) {
        return (rules.allow().isEmpty() || rules.allow().stream().anyMatch(glob -> new Glob(glob).matches(repository)))
                && rules.deny().stream().noneMatch(glob -> new Glob(glob).matches(repository));
    }

    private static boolean isOf(Pod pod, RegistryCache cache) {
        return cache.getMetadata()
                .getName()
                .equals(pod.getMetadata().getLabels().get(Names.INSTANCE_LABEL));
    }

    private static boolean isRunning(Pod pod) {
        return pod.getMetadata().getDeletionTimestamp() == null
                && pod.getStatus() != null
                && pod.getStatus().getPodIP() != null
                && "Running".equals(pod.getStatus().getPhase());
    }

    /** The nodes that have one. */
    Set<String> nodes() {
        return pods.values().stream()
                .map(NodeCache::node)
                .filter(node -> !node.isEmpty())
                .collect(Collectors.toSet());
    }

    /** Whether a node with these labels is to have one. */
    boolean selects(Map<String, String> labels) {
        return "linux".equals(labels.getOrDefault("kubernetes.io/os", "linux"))
                && caches.stream()
                        .anyMatch(cache ->
                                cache.effectiveSpec().nodes().selector().selects(labels));
    }

    /** Whom to ask, each resource beginning with another. */
    List<JobClient.Address> toAsk(String uid) {
        List<JobClient.Address> addresses = new ArrayList<>();
        pods.values().forEach(node -> addresses.add(node.jobs()));
        if (!addresses.isEmpty()) {
            Collections.rotate(addresses, Math.floorMod(uid.hashCode(), addresses.size()));
        }
        return addresses;
    }
}
