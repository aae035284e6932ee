package dev.larder.e2e.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.e2e.Stage;
import dev.larder.e2e.cluster.Kinds;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a user applies from deploy/, taken by a real API server with its schema and its rules. */
class ManifestsE2E {
    private static final Path DEPLOY = Workspace.find().project().resolve("deploy");
    private static final Path CRDS = Workspace.find().project().resolve("helm/larder/crds");

    @BeforeAll
    static void install() throws IOException {
        install("registrycaches.larder.dev");
        install("mirroredimages.larder.dev");
        Kinds.awaitServed(client(), "larder.dev/v1alpha1", "registrycaches", "mirroredimages");
    }

    private static void install(String crdName) throws IOException {
        // An operator of an earlier test may own the CRD's fields by now: docs say --force-conflicts for this case.
        client().resource(Files.readString(CRDS.resolve(crdName + ".yaml")))
                .forceConflicts()
                .serverSideApply();
    }

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(DEPLOY.resolve("examples"))) {
            return files.sorted().toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void example_isTaken(Path file) throws IOException {
        // Applied, not created: an earlier test's resource may have the same name.
        HasMetadata taken = client().resource(Files.readString(file))
                .dryRun()
                .forceConflicts()
                .serverSideApply();
        assertThat(taken.getMetadata().getUid()).isNotBlank();
    }

    @Test
    void installYaml_isTakenWhole() throws IOException {
        // Its namespace has to be there for the rest to be taken in a dry run.
        Stage.shared().withoutCaches();
        List<HasMetadata> objects = client().load(Files.newInputStream(DEPLOY.resolve("install.yaml")))
                .items();
        assertThat(objects).extracting(HasMetadata::getKind).contains("Namespace", "Deployment", "ClusterRole");
        assertThat(objects).allSatisfy(object -> assertThat(
                        client().resource(object).dryRun().forceConflicts().serverSideApply())
                .isNotNull());
    }

    @Test
    void wrongSpec_isRefusedWithTheFieldAndTheRemedy() {
        String wrong = """
                apiVersion: larder.dev/v1alpha1
                kind: RegistryCache
                metadata: {name: wrong}
                spec: {registries: [{host: "https://docker.io"}]}
                """;
        assertThatThrownBy(() -> client().resource(
                                client().getKubernetesSerialization().unmarshal(wrong, RegistryCache.class))
                        .dryRun()
                        .create())
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("spec.registries[0].host")
                .hasMessageContaining("such as docker.io");
    }

    private static KubernetesClient client() {
        return Stage.shared().cluster().client();
    }
}
