package dev.larder.operator.registrycache;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps of each node its labels, whether it answers, and its container runtime. A Node object lists up to 50 images and much
 * more: a thousand of them whole would not fit the operator's heap.
 */
public final class TrimmedNodes implements ItemStore<Node> {

    private final Map<String, Node> nodes = new ConcurrentHashMap<>();

    /** What of a node can change a verdict. Two equal ones need no second look. */
    static Node trimmed(Node node) {
        NodeBuilder out = new NodeBuilder()
                .withNewMetadata()
                .withName(node.getMetadata().getName())
                .withUid(node.getMetadata().getUid())
                .withLabels(node.getMetadata().getLabels())
                .endMetadata();
        if (node.getStatus() != null) {
            out.withNewStatus()
                    .withConditions(readiness(node.getStatus().getConditions()))
                    .withNewNodeInfo()
                    .withContainerRuntimeVersion(
                            node.getStatus().getNodeInfo() == null
                                    ? ""
                                    : node.getStatus().getNodeInfo().getContainerRuntimeVersion())
                    .endNodeInfo()
                    .endStatus();
        }
        return out.build();
    }

    private static List<NodeCondition> readiness(List<NodeCondition> conditions) {
        return conditions.stream()
                .filter(condition -> condition.getType().equals("Ready"))
                .map(condition -> new NodeConditionBuilder()
                        .withType(condition.getType())
                        .withStatus(condition.getStatus())
                        .build())
                .toList();
    }

    private static Node stored(Node node) {
        return trimmed(node)
                .edit()
                .editMetadata()
                .withResourceVersion(node.getMetadata().getResourceVersion())
                .endMetadata()
                .build();
    }

    @Override
    public String getKey(Node node) {
        return Cache.metaNamespaceKeyFunc(node);
    }

    @Override
    public @Nullable Node put(String key, Node node) {
        return nodes.put(key, stored(node));
    }

    @Override
    public @Nullable Node remove(String key) {
        return nodes.remove(key);
    }

    @Override
    public Stream<String> keySet() {
        return nodes.keySet().stream();
    }

    @Override
    public Stream<Node> values() {
        return nodes.values().stream();
    }

    @Override
    public int size() {
        return nodes.size();
    }

    @Override
    public @Nullable Node get(String key) {
        return nodes.get(key);
    }
}
