package dev.larder.e2e.monitoring;

import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a Prometheus would learn of pods by its discovery, written down as {@code static_configs}: each port of each pod that is
 * there now, with the same {@code __meta} labels, so that relabelling does the rest as everywhere.
 */
final class KnownPods {
    private static final String META = "__meta_kubernetes_pod_";

    private KnownPods() {}

    /** Of all pods of a namespace. */
    static List<Map<String, Object>> in(String namespace, KubernetesClient client) {
        var targets = new ArrayList<Map<String, Object>>();
        client.pods().inNamespace(namespace).list().getItems().forEach(pod -> addPorts(pod, targets));
        return targets;
    }

    private static void addPorts(Pod pod, List<Map<String, Object>> targets) {
        String address = pod.getStatus().getPodIP();
        if (address == null) {
            return; // not on its way yet
        }
        pod.getSpec().getContainers().stream()
                .flatMap(container -> container.getPorts().stream())
                .forEach(port -> targets.add(Map.of(
                        "targets", List.of(address + ":" + port.getContainerPort()), "labels", labels(pod, port))));
    }

    private static Map<String, String> labels(Pod pod, ContainerPort port) {
        var labels = new HashMap<String, String>();
        pod.getMetadata()
                .getLabels()
                .forEach((name, value) -> labels.put(META + "label_" + name.replaceAll("[^a-zA-Z0-9_]", "_"), value));
        labels.put(META + "name", pod.getMetadata().getName());
        labels.put(META + "node_name", pod.getSpec().getNodeName());
        labels.put(META + "phase", pod.getStatus().getPhase());
        if (port.getName() != null) {
            labels.put(META + "container_port_name", port.getName());
        }
        return labels;
    }
}
