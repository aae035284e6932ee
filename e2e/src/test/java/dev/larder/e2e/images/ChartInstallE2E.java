package dev.larder.e2e.images;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The chart's whole life on a cluster of its own: one command installs operator, CRD and a RegistryCache. */
class ChartInstallE2E {
    private static final String CRD = "registrycaches.larder.dev";
    private static final String CRD_VERSION = "larder.dev/crd-version";

    @SuppressWarnings("NullAway.Init")
    private static NativeCluster cluster;

    @BeforeAll
    static void start() throws IOException {
        cluster = NativeCluster.start(1, CacheFolder.ofEnvironment(), new Progress(System.out));
        for (BuiltImage image : BuildImages.build(System.out)) {
            cluster.nodes().getFirst().importImage(image.archive());
        }
    }

    @AfterAll
    static void end() {
        cluster.close();
    }

    @Test
    void oneInstall_bringsAReadyCache_andUninstallTakesItAway() {
        Larder larder = Larder.install(cluster, Map.of("registryCache.create", "true"));

        larder.awaitReady("default");
        Await.until("the CRD being brought to this version", Duration.ofSeconds(30), () -> crdVersion()
                .equals(Optional.of("0.1.0")));
        assertThat(larder.nodeCache("default", cluster.nodes().getFirst().name())
                        .ready())
                .isTrue();

        larder.upgrade(Map.of("registryCache.create", "true", "replicas", "2"));
        larder.awaitOperator();
        assertThat(larder.find("default")).isPresent();

        larder.uninstall();
        Await.until(
                "the end of all pods of Larder",
                Duration.ofMinutes(2),
                () -> larder.find("default").isEmpty()
                        && client().pods()
                                .inNamespace(Larder.NAMESPACE)
                                .list()
                                .getItems()
                                .isEmpty());
        assertThat(cluster.nodes()
                        .getFirst()
                        .command("sh", "-c", "ls /etc/containerd/certs.d 2>/dev/null || true")
                        .run()
                        .trim())
                .as("nothing of ours is left in containerd's configuration")
                .isEmpty();
        assertThat(crd())
                .as("Helm leaves the CRD, and with it whatever users made")
                .isPresent();
    }

    private static Optional<CustomResourceDefinition> crd() {
        return Optional.ofNullable(client().apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(CRD)
                .get());
    }

    private static Optional<String> crdVersion() {
        return crd().map(found -> found.getMetadata().getAnnotations())
                .map(annotations -> annotations.get(CRD_VERSION));
    }

    private static KubernetesClient client() {
        return cluster.client();
    }
}
