package dev.larder.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExamplesTest {
    private static final Path FOLDER = Path.of("../deploy/examples");

    static List<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void example_isAResourceOfTheModel(Path file) throws IOException {
        List<Map<String, Object>> documents = Yaml.documents(file);
        assertThat(documents).hasSize(1);
        assertThat(Files.readString(file)).as("says what it is for").startsWith("# ");
        if ("MirroredImage".equals(documents.getFirst().get("kind"))) {
            MirroredImage image = Json.read(documents.getFirst(), MirroredImage.class);
            assertThat(image.getApiVersion()).isEqualTo("larder.dev/v1alpha1");
            assertThat(image.getSpec().source()).isNotBlank();
            return;
        }
        RegistryCache cache = Json.read(documents.getFirst(), RegistryCache.class);
        assertThat(cache.getApiVersion()).isEqualTo("larder.dev/v1alpha1");
        assertThat(cache.getKind()).isEqualTo("RegistryCache");
        assertThat(cache.getMetadata().getName()).isNotBlank();
        assertThat(cache.effectiveSpec().storage()).isNotNull();
    }

    @Test
    void examples_haveOneForEachUse() throws IOException {
        assertThat(examples())
                .extracting(file -> file.getFileName().toString())
                .contains(
                        "default.yaml",
                        "rate-limits.yaml",
                        "ci-builders.yaml",
                        "multi-region.yaml",
                        "private-registry.yaml",
                        "air-gapped-harbor.yaml",
                        "artifactory.yaml",
                        "behind-a-proxy.yaml",
                        "upstream-mirror.yaml",
                        "ecr.yaml",
                        "google-artifact-registry.yaml",
                        "azure-container-registry.yaml",
                        "mirrored-image.yaml",
                        "mirrored-image-copy.yaml",
                        "mirrored-image-some-nodes.yaml");
    }

    @Test
    void examples_haveNamesOfTheirOwn() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        for (Path file : examples()) {
            assertThat(names.add((String) Yaml.at(Yaml.documents(file).getFirst(), "metadata.name")))
                    .as(file.toString())
                    .isTrue();
        }
    }

    @Test
    void default_isTheEmptySpec() throws IOException {
        RegistryCache cache =
                Json.read(Yaml.documents(FOLDER.resolve("default.yaml")).getFirst(), RegistryCache.class);
        assertThat(cache.effectiveSpec()).isEqualTo(RegistryCacheSpec.DEFAULT);
    }

    @Test
    void unknownField_isRefused() {
        Map<String, Object> wrong = Map.of("spec", Map.of("storage", Map.of("sise", "1Gi")));
        assertThatThrownBy(() -> Json.read(wrong, RegistryCache.class))
                .hasMessageContaining("sise")
                .hasMessageContaining("StorageSpec");
    }
}
