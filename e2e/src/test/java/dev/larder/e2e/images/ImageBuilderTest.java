package dev.larder.e2e.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.e2e.process.Ports;
import dev.larder.e2e.toolchain.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageBuilderTest {
    private static final String REFERENCE = "registry.test/larder/stand-in:1";
    private static final JavaProgram PROGRAM = new JavaProgram(
            "stand-in",
            List.of("-XX:+UseSerialGC", "-Xms8m", "-Xmx32m", "-XX:+UseCompactObjectHeaders", "-XX:-UsePerfData"),
            List.of("-cp", "/opt/larder/lib/stand-in.jar", "dev.larder.e2e.images.StandInMain"),
            "stand-in");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    @SuppressWarnings("NullAway.Init")
    private ImageBuilder builder;

    @BeforeEach
    void makeBuilder() {
        builder = new ImageBuilder(Workspace.find(), new Progress(System.out));
    }

    @Test
    void archive_holdsOneNamedImageOfVerifiableBlobs() throws Exception {
        BuiltImage image = build("");

        assertThat(OciIndex.read(image.archive()).name()).isEqualTo(REFERENCE);
        JsonNode manifest = json(image, image.digest());
        assertThat(manifest.required("mediaType").asText()).isEqualTo("application/vnd.oci.image.manifest.v1+json");
        JsonNode config =
                json(image, manifest.required("config").required("digest").asText());
        assertThat(config.required("os").asText()).isEqualTo("linux");
        assertThat(config.required("architecture").asText())
                .isEqualTo(Architecture.ofThisMachine().oci());
        assertThat(config.required("config").required("User").asText()).isEqualTo("65532:65532");
        assertThat(config.required("config").required("Entrypoint"))
                .extracting(JsonNode::asText)
                .containsExactly("/opt/larder/jre/bin/java", "@/opt/larder/stand-in.args");
        for (JsonNode layer : manifest.required("layers")) {
            String digest = layer.required("digest").asText();
            byte[] blob = OciIndex.blob(image.archive(), digest);
            assertThat(blob).hasSize(layer.required("size").asInt());
            assertThat("sha256:"
                            + HexFormat.of()
                                    .formatHex(
                                            MessageDigest.getInstance("SHA-256").digest(blob)))
                    .isEqualTo(digest);
        }
        assertThat(image.layers())
                .extracting(BuiltImage.Layer::name)
                .containsExactly("C library from Debian", "Java runtime", "classes", "ahead-of-time caches");
    }

    @Test
    void sameInputs_sameDigest_andNothingIsWrittenAgain() throws Exception {
        BuiltImage first = build("");
        BuiltImage second = build("");

        assertThat(first.fresh()).isTrue();
        assertThat(second.fresh()).isFalse();
        assertThat(second.digest()).isEqualTo(first.digest());

        Files.delete(first.archive());
        BuiltImage third = build("");
        assertThat(third.fresh()).isTrue();
        assertThat(third.digest()).isEqualTo(first.digest());
    }

    @Test
    void changedClass_changesTheImage() throws Exception {
        BuiltImage first = build("");
        BuiltImage second = build("changed");

        assertThat(second.fresh()).isTrue();
        assertThat(second.digest()).isNotEqualTo(first.digest());
    }

    @Test
    void program_runsFromItsAotCacheWithoutRightsOnAReadOnlyRoot() throws Exception {
        BuiltImage image = build("");
        Jail jail = new Jail(image.root(), ImagePlan.USER, true, Map.of());
        List<String> command = List.of(JavaProgram.JAVA, "-XX:AOTMode=on", "@" + PROGRAM.argsFile(), "--version");

        try (JailedProgram program = JailedProgram.start(jail, "stand-in", command)) {
            assertThat(program.awaitEnd()).isZero();
            assertThat(program.output()).isEqualTo("stand-in 1\n");
        }
    }

    @Test
    void trainingWithoutACache_isAnErrorThatNamesIt() throws Exception {
        assertThatThrownBy(() -> builder.build(plan("untrained"), folder.resolve("image.tar"), root -> {}))
                .isInstanceOf(ImageBuildException.class)
                .hasMessage("Training " + REFERENCE + " left no /opt/larder/stand-in.aot, which stand-in needs.");
    }

    @Test
    void trainingWhoseProgramEndsEarly_quotesWhatItPrinted() {
        assertThatThrownBy(() -> builder.build(plan("broken"), folder.resolve("image.tar"), root -> {
                    try (JailedProgram program =
                            JailedProgram.start(Jail.open(root), "stand-in", PROGRAM.trainingCommand("no-port"))) {
                        program.await("it listens", () -> false);
                    }
                }))
                .isInstanceOf(ImageBuildException.class)
                .hasMessageContaining("ended with status 1 before it listens")
                .hasMessageContaining("NumberFormatException");
    }

    private BuiltImage build(String salt) throws IOException {
        return builder.build(plan(salt), folder.resolve("image.tar"), ImageBuilderTest::train);
    }

    private static void train(Path root) throws IOException, InterruptedException {
        int port = Ports.free();
        try (HttpClient http = HttpClient.newHttpClient();
                JailedProgram program = JailedProgram.start(
                        Jail.open(root), "stand-in", PROGRAM.trainingCommand(Integer.toString(port)))) {
            program.awaitOk(http, URI.create("http://127.0.0.1:" + port + "/readyz"));
            program.stop();
        }
    }

    private ImagePlan plan(String salt) throws IOException {
        Path jar = folder.resolve("stand-in" + salt + ".jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            String name = StandInMain.class.getName().replace('.', '/') + ".class";
            add(out, name, readClass(name));
            add(out, "salt", salt.getBytes(StandardCharsets.UTF_8));
        }
        SortedMap<String, Path> classes = new TreeMap<>(Map.of("stand-in.jar", jar));
        return new ImagePlan(
                REFERENCE,
                "Stand-in",
                List.of("java.base", "jdk.httpserver"),
                new TreeMap<>(),
                classes,
                List.of(PROGRAM));
    }

    private static byte[] readClass(String name) throws IOException {
        try (InputStream in = ClassLoader.getSystemResourceAsStream(name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        }
    }

    private static void add(JarOutputStream out, String name, byte[] content) throws IOException {
        JarEntry entry = new JarEntry(name);
        entry.setTime(0);
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }

    private static JsonNode json(BuiltImage image, String digest) throws IOException {
        return new ObjectMapper().readTree(OciIndex.blob(image.archive(), digest));
    }
}
