package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is watched beside the dependents: the pods in the operator's namespace, the nodes, and the other RegistryCaches. Only
 * changes that can change a verdict start a reconcile.
 */
final class Watches {

    private static final String PODS = "pods";
    private static final String NODES = "nodes";
    private static final String OTHERS = "other-registry-caches";

    private Watches() {}

    static List<EventSource<?, RegistryCache>> eventSources(EventSourceContext<RegistryCache> context) {
        var pods = InformerEventSourceConfiguration.from(Pod.class, RegistryCache.class)
                .withName(PODS)
                .withWatchCurrentNamespace()
                .withLabelSelector(Names.SELECTOR)
                .withSecondaryToPrimaryMapper(Watches::instance)
                .withOnUpdateFilter(Watches::podMatters)
                .build();
        var nodes = InformerEventSourceConfiguration.from(Node.class, RegistryCache.class)
                .withName(NODES)
                .withWatchAllNamespaces()
                .withItemStore(new TrimmedNodes())
                .withSecondaryToPrimaryMapper(node -> all(context))
                .withOnUpdateFilter(Watches::nodeMatters)
                .build();
        var others = InformerEventSourceConfiguration.from(RegistryCache.class, RegistryCache.class)
                .withName(OTHERS)
                .withWatchAllNamespaces()
                .withSecondaryToPrimaryMapper(changed -> all(context).stream()
                        .filter(id -> !id.getName().equals(changed.getMetadata().getName()))
                        .collect(Collectors.toSet()))
                .withOnUpdateFilter((now, before) -> !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration()))
                .build();
        return List.of(
                new InformerEventSource<>(pods, context),
                new InformerEventSource<>(nodes, context),
                new InformerEventSource<>(others, context));
    }

    static List<Pod> pods(RegistryCache cache, Context<RegistryCache> context) {
        return list(Pod.class, PODS, context)
                .filter(pod -> cache.getMetadata()
                        .getName()
                        .equals(pod.getMetadata().getLabels().get(Names.INSTANCE_LABEL)))
                .toList();
    }

    static List<Node> nodes(Context<RegistryCache> context) {
        return list(Node.class, NODES, context).toList();
    }

    static List<RegistryCache> caches(Context<RegistryCache> context) {
        return context.getPrimaryCache().list().toList();
    }

    private static <R extends io.fabric8.kubernetes.api.model.HasMetadata> Stream<R> list(
            Class<R> type, String name, Context<RegistryCache> context) {
        var source = context.eventSourceRetriever().getEventSourceFor(type, name);
        return ((InformerEventSource<R, RegistryCache>) source).list();
    }

    private static Set<ResourceID> instance(Pod pod) {
        String name = pod.getMetadata().getLabels().get(Names.INSTANCE_LABEL);
        return name == null ? Set.of() : Set.of(new ResourceID(name));
    }

    private static Set<ResourceID> all(EventSourceContext<RegistryCache> context) {
        return context.getPrimaryCache().list().map(ResourceID::fromResource).collect(Collectors.toSet());
    }

    private static boolean podMatters(Pod now, Pod before) {
        return !Objects.equals(containers(now), containers(before))
                || !Objects.equals(
                        now.getMetadata().getDeletionTimestamp(),
                        before.getMetadata().getDeletionTimestamp())
                || !Objects.equals(now.getSpec().getNodeName(), before.getSpec().getNodeName());
    }

    private static List<ContainerStatus> containers(Pod pod) {
        return pod.getStatus() == null ? List.of() : pod.getStatus().getContainerStatuses();
    }

    private static boolean nodeMatters(Node now, Node before) {
        return !Objects.equals(TrimmedNodes.trimmed(now), TrimmedNodes.trimmed(before));
    }
}
