package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.PortsSpec;
import dev.larder.operator.nodes.NodeAnswer;
import dev.larder.operator.nodes.NodeCacheClient;
import dev.larder.operator.nodes.NodeCacheClient.Address;
import dev.larder.operator.nodes.ObservedNode;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Puts together what is known of each node that has a pod; asks the node caches, within the client's deadline. */
final class NodeObserver {

    private static final NodeAnswer NOT_ASKED = new NodeAnswer.Silent("the pod has no address yet");

    private final NodeCacheClient client;

    NodeObserver(NodeCacheClient client) {
        this.client = client;
    }

    /** One entry a node, by name. Where an old and a new pod are on one node, the new one counts. */
    List<ObservedNode> observe(Collection<Pod> pods, Collection<Node> nodes, PortsSpec ports)
            throws InterruptedException {
        Map<String, Node> byName = nodes.stream()
                .collect(Collectors.toMap(node -> node.getMetadata().getName(), Function.identity()));
        Map<String, Pod> podOf = new LinkedHashMap<>();
        pods.stream()
                .filter(pod -> pod.getSpec().getNodeName() != null)
                .sorted(Comparator.comparing((Pod pod) -> pod.getSpec().getNodeName())
                        .thenComparing(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                        .thenComparing(pod -> Objects.toString(pod.getMetadata().getCreationTimestamp(), "")))
                .forEach(pod -> podOf.put(pod.getSpec().getNodeName(), pod));
        Map<String, Address> addresses = new LinkedHashMap<>();
        podOf.forEach((name, pod) -> {
            if (running(pod)) {
                addresses.put(name, StatusAddress.of(pod, ports));
            }
        });
        Map<String, NodeAnswer> answers = client.askAll(addresses);
        return podOf.entrySet().stream()
                .map(entry -> new ObservedNode(
                        entry.getKey(),
                        byName.get(entry.getKey()),
                        entry.getValue(),
                        answers.getOrDefault(entry.getKey(), NOT_ASKED)))
                .toList();
    }

    private static boolean running(Pod pod) {
        return pod.getStatus() != null
                && pod.getStatus().getPodIP() != null
                && "Running".equals(pod.getStatus().getPhase());
    }
}
