package dev.larder.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ManifestsTest {
    private static final Path INSTALL = Path.of("../deploy/install.yaml");
    private static final Path ARGO = Path.of("../deploy/argocd/application.yaml");
    private static final String HEADER = """
            # Rendered from helm/larder with its default values: do not edit.
            # kubectl apply -f install.yaml, then apply a RegistryCache (examples/default.yaml).
            apiVersion: v1
            kind: Namespace
            metadata:
              name: larder-system
              labels:
                # The node caches use the host's network and folders.
                pod-security.kubernetes.io/enforce: privileged
            ---
            """;

    @Test
    void installYaml_isTheRenderedChart() throws Exception {
        String crds = Files.readString(Chart.FOLDER.resolve("crds/registrycaches.larder.dev.yaml"))
                        .strip()
                + "\n---\n"
                + Files.readString(Chart.FOLDER.resolve("crds/mirroredimages.larder.dev.yaml"));
        // Without Helm there is no helm test, and its pod would be an ordinary one.
        String chart = Chart.template(Chart.NAMESPACE)
                .skipCrds()
                .set("test.enabled", "false")
                .call();
        // Applied without Helm, so it does not claim to be managed by it.
        String objects = chart.replace("app.kubernetes.io/managed-by: Helm", "app.kubernetes.io/managed-by: kubectl")
                .replaceAll(" +helm[.]sh/chart: .*\n", "");
        Golden.assertHolds(INSTALL, HEADER + crds.strip() + "\n" + objects.strip() + "\n");
    }

    @Test
    void installYaml_bringsItsNamespaceAndCrdFirst() throws Exception {
        List<Map<String, Object>> objects = Yaml.documents(INSTALL);
        assertThat(Chart.names(objects))
                .startsWith(
                        "Namespace/larder-system",
                        "CustomResourceDefinition/registrycaches.larder.dev",
                        "CustomResourceDefinition/mirroredimages.larder.dev")
                .contains("Deployment/larder-operator");
    }

    @Test
    void argoApplication_givesValuesTheChartTakes() throws Exception {
        Map<String, Object> application = Yaml.documents(ARGO).getFirst();
        assertThat(Path.of("..").resolve((String) Yaml.at(application, "spec.source.path")))
                .isDirectory();
        Path values = Files.createTempFile("values", ".json");
        Files.writeString(values, Json.write(Yaml.at(application, "spec.source.helm.valuesObject")));
        String rendered = Chart.template((String) Yaml.at(application, "spec.destination.namespace"))
                .withValuesFile(values)
                .call();
        Files.delete(values);
        assertThat(Chart.names(Yaml.documents(rendered)))
                .contains("RegistryCache/default", "Deployment/larder-operator");
    }

    @Test
    void argoResources_differFromTheChartsApplicationInNothingElse() throws Exception {
        Map<String, Object> chart = Yaml.documents(ARGO).getFirst();
        Map<String, Object> resources =
                Yaml.documents(ARGO.resolveSibling("resources.yaml")).getFirst();
        for (String same : List.of(
                "spec.syncPolicy.automated", "spec.syncPolicy.retry", "metadata.finalizers", "metadata.namespace")) {
            assertThat(Yaml.at(resources, same)).isEqualTo(Yaml.at(chart, same));
        }
    }
}
