package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Command;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.k3s.K3sContainer;
import org.testcontainers.utility.DockerImageName;
import org.testcontainers.utility.MountableFile;

/** K3s in a container, for machines with Docker: one node, no root needed. */
public final class K3sCluster implements Cluster {
    private static final String IMAGE = "rancher/k3s:v1.34.4-k3s1";

    private final K3sContainer container;
    private final Path kubeconfig;
    private final KubernetesClient client;

    private K3sCluster(K3sContainer container) {
        this.container = container;
        String text = container.getKubeConfigYaml();
        this.client = new KubernetesClientBuilder()
                .withConfig(Config.fromKubeconfig(text))
                .build();
        try {
            kubeconfig = Files.writeString(Files.createTempFile("larder-k3s", ".kubeconfig"), text);
            kubeconfig.toFile().deleteOnExit();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether a Docker engine answers on this machine. */
    public static boolean possible() {
        return DockerClientFactory.instance().isDockerAvailable();
    }

    public static K3sCluster start() {
        K3sContainer container = new K3sContainer(DockerImageName.parse(IMAGE));
        container.start();
        return new K3sCluster(container);
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
                .<Node>map(node -> new K3sNode(container, RemoteNode.of(node)))
                .toList();
    }

    @Override
    public String description() {
        return "K3s in the container " + container.getContainerId();
    }

    @Override
    public void close() {
        client.close();
        container.stop();
    }

    private record K3sNode(K3sContainer container, RemoteNode node) implements Node {
        @Override
        public String name() {
            return node.name();
        }

        @Override
        public String address() {
            return node.address();
        }

        @Override
        public Command command(String... line) {
            var whole = new ArrayList<>(List.of("docker", "exec", container.getContainerId()));
            whole.addAll(List.of(line));
            return Command.of(whole);
        }

        @Override
        public void importImage(Path archive) {
            String inside = "/tmp/" + archive.getFileName();
            container.copyFileToContainer(MountableFile.forHostPath(archive), inside);
            command("ctr", "--namespace", "k8s.io", "images", "import", inside).run();
        }
    }
}
