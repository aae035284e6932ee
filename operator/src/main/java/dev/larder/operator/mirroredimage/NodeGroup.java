package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.KeptOnNodesSpec;
import dev.larder.crds.v1alpha1.NodeSelectorSpec;
import dev.larder.operator.registrycache.desired.Revision;
import io.fabric8.kubernetes.api.model.Node;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The nodes that spec.to.nodes of a MirroredImage leaves, as they are now: pure. Resources with the same selector for the
 * same registry have the same group.
 *
 * @param name empty when nothing is chosen: all nodes keep the images
 * @param selected the nodes by their labels
 * @param running the nodes that have a node cache
 * @param caches the RegistryCaches of the registry: their uids by name
 */
record NodeGroup(String name, Set<String> selected, Set<String> running, Map<String, String> caches) {

    static final NodeGroup ALL = new NodeGroup("", Set.of(), Set.of(), Map.of());

    NodeGroup {
        selected = Set.copyOf(selected);
        running = Set.copyOf(running);
        caches = Map.copyOf(caches);
    }

    static NodeGroup of(KeptOnNodesSpec wanted, String source, Coverage coverage, Collection<Node> nodes) {
        String name = name(wanted, source);
        if (name.isEmpty()) {
            return ALL;
        }
        return new NodeGroup(
                name,
                nodes.stream()
                        .filter(node -> {
                            Map<String, String> labels = labels(node);
                            return wanted.selector().selects(labels) && coverage.selects(labels);
                        })
                        .map(node -> node.getMetadata().getName())
                        .collect(Collectors.toSet()),
                coverage.nodes(),
                coverage.caches().stream()
                        .collect(Collectors.toMap(
                                cache -> cache.getMetadata().getName(),
                                cache -> String.valueOf(cache.getMetadata().getUid()))));
    }

    /** The same in every process. */
    static String name(KeptOnNodesSpec wanted, String source) {
        if (!wanted.chooses()) {
            return "";
        }
        NodeSelectorSpec selector = wanted.selector();
        String registry = source.substring(0, source.indexOf('/'));
        return Revision.of(registry + " " + new TreeMap<>(selector.matchLabels()) + " " + selector.matchExpressions());
    }

    private static Map<String, String> labels(Node node) {
        Map<String, String> labels = node.getMetadata().getLabels();
        return labels == null ? Map.of() : labels;
    }
}
