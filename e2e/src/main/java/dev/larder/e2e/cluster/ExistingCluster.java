package dev.larder.e2e.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A cluster that somebody else runs, named by a kubeconfig. What is done to a node itself (removing an image, importing
 * an archive) is not possible from here and fails with a message that says so.
 */
public final class ExistingCluster implements Cluster {
    private final Path kubeconfig;
    private final KubernetesClient client;

    public ExistingCluster(Path kubeconfig) {
        this.kubeconfig = kubeconfig;
        try {
            client = new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig)))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException("KUBECONFIG names " + kubeconfig + ", which cannot be read", e);
        }
    }

    @Override
    public Path kubeconfig() {
        return kubeconfig;
    }

    @Override
    public KubernetesClient client() {
        return client;
    }

    @Override
    public List<Node> nodes() {
        return client.nodes().list().getItems().stream()
                .<Node>map(RemoteNode::of)
                .toList();
    }

    @Override
    public String description() {
        return "existing cluster of " + kubeconfig;
    }

    @Override
    public void close() {
        client.close();
    }
}
