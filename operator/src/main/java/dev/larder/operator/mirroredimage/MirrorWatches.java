package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.TrimmedNodes;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is watched beside the MirroredImages: the RegistryCaches, and the nodes and the
 * node caches' pods, which start few reconciles.
 */
final class MirrorWatches {

    private static final String PODS = "node-caches";
    private static final String CACHES = "registry-caches";
    private static final String NODES = "nodes";

    private MirrorWatches() {}

    static List<EventSource<?, MirroredImage>> eventSources(EventSourceContext<MirroredImage> context) {
        var pods = InformerEventSourceConfiguration.from(Pod.class, MirroredImage.class)
                .withName(PODS)
                .withWatchCurrentNamespace()
                .withLabelSelector(Names.SELECTOR)
                .withSecondaryToPrimaryMapper(pod -> oneOfEachGroup(context))
                .withOnUpdateFilter((now, before) -> !Objects.equals(nodeOf(now), nodeOf(before)))
                .build();
        var nodes = InformerEventSourceConfiguration.from(Node.class, MirroredImage.class)
                .withName(NODES)
                .withWatchAllNamespaces()
                .withItemStore(new TrimmedNodes())
                .withSecondaryToPrimaryMapper(node -> oneOfEachGroup(context))
                .withOnUpdateFilter((now, before) -> !Objects.equals(
                        now.getMetadata().getLabels(), before.getMetadata().getLabels()))
                .build();
        var caches = InformerEventSourceConfiguration.from(RegistryCache.class, MirroredImage.class)
                .withName(CACHES)
                .withWatchAllNamespaces()
                .withSecondaryToPrimaryMapper(cache -> context.getPrimaryCache()
                        .list()
                        .map(ResourceID::fromResource)
                        .collect(Collectors.toSet()))
                .withOnUpdateFilter((now, before) -> !Objects.equals(
                        now.getMetadata().getGeneration(), before.getMetadata().getGeneration()))
                .build();
        return List.of(
                new InformerEventSource<>(pods, context),
                new InformerEventSource<>(nodes, context),
                new InformerEventSource<>(caches, context));
    }

    /**
     * Of the resources that choose among the nodes, one for each choice: its reconcile gives all node caches the nodes as they
     * are now. The others count them when they are looked at next.
     */
    private static Set<ResourceID> oneOfEachGroup(EventSourceContext<MirroredImage> context) {
        Map<String, ResourceID> first = new HashMap<>();
        context.getPrimaryCache()
                .list()
                .filter(image -> image.getSpec().to().nodes().chooses())
                .forEach(image -> first.putIfAbsent(
                        NodeGroup.name(
                                image.getSpec().to().nodes(), image.getSpec().source()),
                        ResourceID.fromResource(image)));
        return Set.copyOf(first.values());
    }

    private static @Nullable String nodeOf(Pod pod) {
        return pod.getSpec() == null ? null : pod.getSpec().getNodeName();
    }

    static List<Node> nodes(Context<MirroredImage> context) {
        return list(Node.class, NODES, context).toList();
    }

    static List<Pod> pods(Context<MirroredImage> context) {
        return list(Pod.class, PODS, context).toList();
    }

    static List<RegistryCache> caches(Context<MirroredImage> context) {
        return list(RegistryCache.class, CACHES, context).toList();
    }

    /**
     * The informer's own, to be read only, instead of the copy that the SDK makes of it for each reconcile: what is
     * remembered of it is in memory once.
     */
    static MirroredImage kept(MirroredImage copy, Context<MirroredImage> context) {
        String version = copy.getMetadata().getResourceVersion();
        return context.getPrimaryCache()
                .get(ResourceID.fromResource(copy))
                .filter(own -> Objects.equals(own.getMetadata().getResourceVersion(), version))
                .orElse(copy);
    }

    static List<MirroredImage> images(Context<MirroredImage> context) {
        return context.getPrimaryCache().list().toList();
    }

    private static <R extends HasMetadata> Stream<R> list(Class<R> type, String name, Context<MirroredImage> context) {
        var source = context.eventSourceRetriever().getEventSourceFor(type, name);
        return ((InformerEventSource<R, MirroredImage>) source).list();
    }
}
