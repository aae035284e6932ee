package dev.larder.operator.registrycache.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code mvn test -pl operator -Dlarder.update-golden} writes the golden files anew; look at the difference. */
class DesiredObjectsTest {

    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    @ParameterizedTest
    @CsvSource({"empty, {}", "full, full"})
    void objects_areAsReviewed(String name, String spec) throws IOException {
        DesiredObjects desired = DesiredObjects.of(Plans.plan(spec.equals("full") ? Plans.FULL : spec));
        String rendered = Stream.of(
                        desired.serviceAccount(), desired.configMap(), desired.service(), desired.daemonSet())
                .map(Serialization::asYaml)
                .collect(Collectors.joining());
        golden(GOLDEN.resolve("objects-" + name + ".yaml"), rendered);
        golden(
                GOLDEN.resolve("config-" + name + ".yaml"),
                Objects.requireNonNull(desired.configMap().getData().get(Names.CONFIG_FILE)));
    }

    @Test
    void samePlan_sameObjects() {
        assertThat(DesiredObjects.of(Plans.plan(Plans.FULL))).isEqualTo(DesiredObjects.of(Plans.plan(Plans.FULL)));
    }

    @Test
    void onlyListenAndStoragePath_restartPods() {
        var before = DesiredObjects.of(Plans.plan("{}")).daemonSet();
        assertThat(DesiredObjects.of(Plans.plan("storage: {size: 50Gi}")).daemonSet())
                .isEqualTo(before);
        assertThat(DesiredObjects.of(Plans.plan("registries: [{host: quay.io, access: Anonymous}]"))
                        .daemonSet())
                .isEqualTo(before);
        assertThat(DesiredObjects.of(Plans.plan("containerd: {manage: false}")).daemonSet())
                .isEqualTo(before);
        assertThat(DesiredObjects.of(Plans.plan("ports: {registry: 6151}")).daemonSet())
                .isNotEqualTo(before);
        assertThat(DesiredObjects.of(Plans.plan("storage: {path: /data/larder}"))
                        .daemonSet())
                .isNotEqualTo(before);
    }

    @Test
    void proxy_isInTheEnvironmentOfTheNodeCacheAlone() {
        var pod = DesiredObjects.of(Plans.plan("proxy: {https: \"http://proxy:3128\", noProxy: .corp}"))
                .daemonSet()
                .getSpec()
                .getTemplate()
                .getSpec();
        assertThat(pod.getContainers().getFirst().getEnv())
                .extracting(EnvVar::getName, EnvVar::getValue)
                .contains(tuple("HTTPS_PROXY", "http://proxy:3128"), tuple("NO_PROXY", ".corp"))
                .doesNotContain(tuple("HTTP_PROXY", null));
        assertThat(Stream.concat(
                        pod.getInitContainers().stream(),
                        pod.getContainers().stream().skip(1)))
                .allSatisfy(other -> assertThat(other.getEnv())
                        .extracting(EnvVar::getName)
                        .doesNotContain("HTTPS_PROXY", "NO_PROXY"));
    }

    private static void golden(Path file, String actual) throws IOException {
        if (System.getProperty("larder.update-golden") != null) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, actual);
        }
        assertThat(actual).as("%s", file).isEqualTo(Files.readString(file));
    }
}
