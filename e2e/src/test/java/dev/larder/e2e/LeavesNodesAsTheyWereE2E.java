package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.install.Larder;
import dev.larder.e2e.process.Await;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** However Larder goes, containerd's configuration is byte for byte what it was, with what others had put there. */
class LeavesNodesAsTheyWereE2E {
    private static final Duration SOON = Duration.ofSeconds(40);
    private static final String FOREIGN = """
            # written by the machine's owner
            server = "https://registry-1.docker.io"

            [host."http://mirror.of.the.owner.test:5000"]
              capabilities = ["pull"]
            """;
    private final Stage stage = Stage.shared();

    @AfterEach
    void removeForeignFile() throws IOException {
        stage.withoutCaches();
        Files.deleteIfExists(entry("node1"));
        Files.deleteIfExists(entry("node1").resolveSibling("owner.crt"));
        Files.deleteIfExists(entry("node1").getParent());
    }

    @Test
    void resourceDeleted() throws IOException {
        stage.withoutCaches();
        writeForeignFile();
        Map<String, String> before = certs("node1");
        Map<String, String> beforeElsewhere = certs("node2");

        stage.larder();
        assertThat(Files.readString(entry("node1"))).contains("http://127.0.0.1:5151", "mirror.of.the.owner.test");
        assertThat(entry("node2")).exists();

        stage.withoutCaches();
        assertThat(certs("node1")).isEqualTo(before);
        assertThat(certs("node2")).isEqualTo(beforeElsewhere);
    }

    @Test
    void operatorGone_resourceDeleted_operatorBack() throws IOException {
        stage.withoutCaches();
        writeForeignFile();
        Map<String, String> before = certs("node1");
        Larder larder = stage.larder();

        scaleOperator(0);
        client().resources(dev.larder.crds.v1alpha1.RegistryCache.class)
                .withName(Stage.RESOURCE)
                .delete();
        scaleOperator(1);
        larder.awaitOperator();
        Await.until(
                "node1's configuration being as it was",
                SOON,
                () -> certs("node1").equals(before),
                () -> certs("node1").toString());
        Await.until("the end of the resource", SOON, () -> larder.find(Stage.RESOURCE)
                .isEmpty());
    }

    private void scaleOperator(int replicas) {
        client().apps()
                .deployments()
                .inNamespace(Larder.NAMESPACE)
                .withName("larder-operator")
                .scale(replicas);
        Await.until(
                "the operator having " + replicas + " pods",
                SOON,
                () -> client().pods().inNamespace(Larder.NAMESPACE).list().getItems().stream()
                                .filter(pod -> pod.getMetadata().getName().startsWith("larder-operator-"))
                                .count()
                        == replicas);
    }

    private void writeForeignFile() throws IOException {
        Path file = entry("node1");
        Files.createDirectories(file.getParent());
        Files.writeString(file, FOREIGN);
        Files.writeString(file.resolveSibling("owner.crt"), "not a certificate, but the owner's\n");
    }

    private Path entry(String node) {
        return stage.cluster().node(node).containerdConfiguration().resolve("certs.d/docker.io/hosts.toml");
    }

    private Map<String, String> certs(String node) {
        return TreeSnapshot.of(stage.cluster().node(node).containerdConfiguration());
    }

    private KubernetesClient client() {
        return stage.cluster().client();
    }
}
