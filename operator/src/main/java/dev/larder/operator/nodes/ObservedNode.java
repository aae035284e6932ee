package dev.larder.operator.nodes;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A node that has a node-cache pod, as the Kubernetes API and the node cache itself see it.
 *
 * @param node null when the Node object is gone
 */
public record ObservedNode(String name, @Nullable Node node, Pod pod, NodeAnswer answer) {

    /** Whether the kubelet answers; a node without conditions counts as answering. */
    boolean answering() {
        return node != null
                && node.getStatus() != null
                && node.getStatus().getConditions().stream()
                        .filter(condition -> condition.getType().equals("Ready"))
                        .allMatch(condition -> condition.getStatus().equals("True"));
    }

    String runtime() {
        return node == null || node.getStatus() == null || node.getStatus().getNodeInfo() == null
                ? ""
                : node.getStatus().getNodeInfo().getContainerRuntimeVersion();
    }

    boolean podReady() {
        return pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals("Ready")
                                && condition.getStatus().equals("True"));
    }

    boolean podLeaving() {
        return pod.getMetadata().getDeletionTimestamp() != null;
    }

    /** Those that have a state, the init container's included. */
    Stream<ContainerStatus> containers() {
        return pod.getStatus() == null
                ? Stream.empty()
                : Stream.of(
                                pod.getStatus().getInitContainerStatuses(),
                                pod.getStatus().getContainerStatuses())
                        .flatMap(List::stream)
                        .filter(container -> container.getState() != null);
    }

    Stream<ContainerStatus> container(String containerName) {
        return containers().filter(container -> container.getName().equals(containerName));
    }
}
