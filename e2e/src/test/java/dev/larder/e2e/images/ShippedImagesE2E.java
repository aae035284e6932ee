package dev.larder.e2e.images;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.e2e.Stage;
import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.process.Ports;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two images as they are shipped, run as the pods run them. */
class ShippedImagesE2E {
    private static final String VERSION = "0.1.0";

    @SuppressWarnings("NullAway.Init")
    private static BuiltImage nodeCache;

    @SuppressWarnings("NullAway.Init")
    private static BuiltImage operator;

    @BeforeAll
    static void build() throws IOException {
        List<BuiltImage> images = BuildImages.build(System.out);
        nodeCache = images.get(0);
        operator = images.get(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"node-cache", "hosts-writer", "prepare-storage"})
    void program_runsFromItsAotCacheWithoutRightsOnAReadOnlyRoot(String program) throws Exception {
        Jail jail = new Jail(nodeCache.root(), ImagePlan.USER, true, Map.of());
        List<String> command =
                List.of(JavaProgram.JAVA, "-XX:AOTMode=on", "@/opt/larder/" + program + ".args", "--version");

        try (JailedProgram running = JailedProgram.start(jail, program, command)) {
            assertThat(running.awaitEnd()).as(running.output()).isZero();
            assertThat(running.output()).contains(VERSION).doesNotContain("warning");
        }
    }

    @Test
    void nodeCache_findsWrongSettings() throws Exception {
        Jail jail = new Jail(nodeCache.root(), ImagePlan.USER, true, Map.of());
        List<String> command =
                List.of(JavaProgram.JAVA, "@/opt/larder/node-cache.args", "--config", "/etc/larder/none.yaml");

        try (JailedProgram running = JailedProgram.start(jail, "node-cache", command)) {
            assertThat(running.awaitEnd()).isEqualTo(2);
            assertThat(running.output()).contains("/etc/larder/none.yaml");
        }
    }

    @Test
    void operator_startsFromItsAotCacheWithoutRightsOnAReadOnlyRoot(@TempDir Path tmp) throws Exception {
        Files.setPosixFilePermissions(tmp, PosixFilePermissions.fromString("rwxrwxrwx"));
        Jail jail = new Jail(operator.root(), ImagePlan.USER, true, Map.of("/tmp", tmp));
        List<String> command = List.of(JavaProgram.JAVA, "-XX:AOTMode=on", "@/opt/larder/operator.args");
        // No API server: it says so, and does not get further.
        Map<String, String> environment =
                Map.of("KUBERNETES_MASTER", "https://127.0.0.1:1", "QUARKUS_HTTP_PORT", "" + Ports.free());

        try (JailedProgram running = JailedProgram.start(jail, "operator", environment, command)) {
            running.await("it has reached its own code", () -> running.output().contains("Registered reconciler"));
        }
    }

    @Test
    void images_holdNoShellAndNoFileOfThisMachine() throws Exception {
        for (BuiltImage image : List.of(nodeCache, operator)) {
            assertThat(image.root().resolve("bin")).doesNotExist();
            assertThat(image.root().resolve("usr/bin")).doesNotExist();
            JsonNode manifest = json(image, image.digest());
            String config = json(
                            image,
                            manifest.required("config").required("digest").asText())
                    .toString();
            assertThat(config)
                    .contains("\"User\":\"65532:65532\"")
                    .doesNotContain(Workspace.find().project().toString())
                    .doesNotContain(System.getProperty("user.home") + "/");
        }
    }

    @Test
    void images_areImportedUnderTheirNamesAndStartAsPods() {
        NativeCluster cluster = Stage.shared().cluster();
        for (BuiltImage image : List.of(nodeCache, operator)) {
            cluster.nodes().getFirst().importImage(image.archive());
        }
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName("node-cache-version")
                .withNamespace("default")
                .endMetadata()
                .withNewSpec()
                .withNodeName(cluster.nodes().getFirst().name())
                .withRestartPolicy("Never")
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addNewContainer()
                .withName("it")
                .withImage(NodeCacheImage.REFERENCE)
                .withImagePullPolicy("Never")
                .withCommand("/opt/larder/jre/bin/java", "-XX:AOTMode=on", "@/opt/larder/node-cache.args")
                .withArgs("--version")
                .withNewSecurityContext()
                .withReadOnlyRootFilesystem(true)
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .addToDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .build();
        var pods = cluster.client().pods().inNamespace("default");
        pods.resource(pod).create();
        try {
            pods.withName("node-cache-version")
                    .waitUntilCondition(
                            seen -> Objects.requireNonNull(seen).getStatus() != null
                                    && List.of("Succeeded", "Failed")
                                            .contains(String.valueOf(
                                                    seen.getStatus().getPhase())),
                            60,
                            TimeUnit.SECONDS);
            assertThat(pods.withName("node-cache-version").getLog()).contains(VERSION);
            assertThat(pods.withName("node-cache-version").get().getStatus().getPhase())
                    .isEqualTo("Succeeded");
        } finally {
            pods.withName("node-cache-version").withGracePeriod(0).delete();
        }
    }

    private static JsonNode json(BuiltImage image, String digest) throws IOException {
        return new ObjectMapper().readTree(OciIndex.blob(image.archive(), digest));
    }
}
