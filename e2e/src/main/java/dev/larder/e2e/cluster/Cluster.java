package dev.larder.e2e.cluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;

/** A Kubernetes cluster for tests and the demo. Closing it ends what we started and nothing else. */
public sealed interface Cluster extends AutoCloseable permits NativeCluster, K3sCluster, ExistingCluster {
    Path kubeconfig();

    /** A client with all rights, open as long as the cluster is. */
    KubernetesClient client();

    List<? extends Node> nodes();

    default Node node(String name) {
        return nodes().stream()
                .filter(node -> node.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the cluster has no node " + name));
    }

    /** What kind of cluster this is and how to reach it, for a person. */
    String description();

    @Override
    void close();
}
