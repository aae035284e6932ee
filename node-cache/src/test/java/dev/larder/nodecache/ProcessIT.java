package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real program in a process of its own: killed, asked to stop, out of disk, reconfigured, misused. */
class ProcessIT {

    private static final int LAYER = 4_000_000;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image image = upstream.push("library/app", "v1", LAYER, 1);
    private final HttpClient client = HttpClient.newHttpClient();
    private final List<Process> started = new ArrayList<>();
    private int port;
    private int adminPort;
    private Path config;

    @BeforeEach
    void configure() throws IOException {
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket two = new ServerSocket(0)) {
            port = one.getLocalPort();
            adminPort = two.getLocalPort();
        }
        config = Files.writeString(folder.resolve("config.yaml"), yaml("first"));
    }

    private String yaml(String revision) {
        return TestCache.yaml(folder, "revision: " + revision, "", upstream)
                .replace("registry: \"127.0.0.1:0\"", "registry: \"127.0.0.1:" + port + "\"")
                .replace("admin: \"127.0.0.1:0\"", "admin: \"127.0.0.1:" + adminPort + "\"");
    }

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
        upstream.close();
    }

    /** @param before words of shell before the program */
    private Process run(String before, String... args) throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        String flags = "-Xmx64m --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow";
        ProcessBuilder builder = new ProcessBuilder(
                "sh",
                "-c",
                before + "exec " + java + " " + flags + " dev.larder.nodecache.NodeCacheMain "
                        + String.join(" ", args));
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile());
        Process process = builder.start();
        started.add(process);
        return process;
    }

    private Process serve(String before) throws Exception {
        Process process = run(before, "--config", config.toString());
        await().atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> send(adminPort, "/readyz").statusCode() == 200);
        return process;
    }

    private HttpResponse<String> send(int to, String path) throws Exception {
        return client.send(request(to, path), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<byte[]> layer() throws Exception {
        return client.send(request(port, blob()), HttpResponse.BodyHandlers.ofByteArray());
    }

    private String blob() {
        return "/v2/library/app/blobs/" + image.layer() + "?ns=" + TestCache.HOST;
    }

    private static HttpRequest request(int to, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + to + path))
                .timeout(Duration.ofSeconds(20))
                .build();
    }

    private List<String> files(String part) throws IOException {
        Path root = folder.resolve("store/v1").resolve(part);
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList();
        }
    }

    @Test
    void killedDuringAFill_startsAgainWithoutThePartialBlob_andWithEverythingElse() throws Exception {
        Process first = serve("");
        assertThat(send(port, "/v2/library/app/blobs/" + image.config() + "?ns=" + TestCache.HOST)
                        .statusCode())
                .isEqualTo(200);
        await().until(() -> files("blobs").contains(image.config().hex()));
        upstream.misbehave().pauseMillis = 20;
        HttpResponse<InputStream> open = client.send(request(port, blob()), HttpResponse.BodyHandlers.ofInputStream());
        assertThat(open.body().readNBytes(LAYER / 4)).hasSize(LAYER / 4);
        assertThat(files("partial")).hasSize(1);
        first.destroyForcibly().waitFor();
        assertThat(files("partial")).hasSize(1);
        assertThat(files("blobs")).containsExactly(image.config().hex());

        upstream.misbehave().pauseMillis = 0;
        upstream.forgetRequests();
        serve("");
        assertThat(files("partial")).isEmpty();
        assertThat(send(port, "/v2/library/app/blobs/" + image.config() + "?ns=" + TestCache.HOST)
                        .statusCode())
                .isEqualTo(200);
        assertThat(upstream.requests()).isEmpty();
        assertThat(layer().body()).isEqualTo(image.layerBytes());
        await().until(() -> files("blobs").contains(image.layer().hex()));
    }

    @Test
    void askedToStop_letsStreamsEnd_andTakesItsPidFileAway() throws Exception {
        Process process = serve("");
        Path pidFile = folder.resolve("run/node-cache.pid");
        assertThat(Files.readString(pidFile)).contains("\"pid\": " + process.pid());
        upstream.misbehave().pauseMillis = 5;
        HttpResponse<InputStream> open = client.send(request(port, blob()), HttpResponse.BodyHandlers.ofInputStream());
        byte[] begun = open.body().readNBytes(1000);
        process.destroy();
        assertThat(process.isAlive()).isTrue();
        byte[] rest = open.body().readAllBytes();
        assertThat(begun.length + rest.length).isEqualTo(LAYER);
        assertThat(process.waitFor(15, TimeUnit.SECONDS)).isTrue();
        assertThat(pidFile).doesNotExist();
        assertThatThrownBy(() -> send(port, "/v2/")).isInstanceOf(IOException.class);
    }

    @Test
    void diskThatTakesNoMore_doesNotStopAPull() throws Exception {
        // Files may grow to 1 MB only: the fill fails in the middle of the layer, as on a full disk.
        serve("ulimit -f 2000; ");
        assertThat(layer().body()).isEqualTo(image.layerBytes());
        assertThat(layer().body()).isEqualTo(image.layerBytes());
        assertThat(files("blobs")).doesNotContain(image.layer().hex());
        await().untilAsserted(() -> assertThat(files("partial")).isEmpty());
        upstream.misbehave().corrupt = true;
        assertThatThrownBy(this::layer).isInstanceOf(IOException.class);
    }

    @Test
    void configFile_isAppliedLive_andABadOneIsReported() throws Exception {
        serve("");
        Path swap = folder.resolve("next.yaml");
        Files.writeString(swap, yaml("second"));
        Files.move(swap, config, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
        await().untilAsserted(() -> assertThat(send(adminPort, "/status").body())
                .contains("\"revision\" : \"second\"", "\"problems\" : [ ]"));
        Files.writeString(config, yaml("third") + "nonsense: 1\n");
        await().untilAsserted(() ->
                assertThat(send(adminPort, "/status").body()).contains("\"revision\" : \"second\"", "nonsense"));
        assertThat(send(adminPort, "/metrics").body())
                .contains("larder_config_reloads_total{result=\"applied\"} 1.0")
                .contains("larder_config_reloads_total{result=\"rejected\"} 1.0");
        Files.writeString(config, yaml("fourth").replace(TestCache.HOST, "renamed.test"));
        await().untilAsserted(() -> assertThat(
                        send(port, "/v2/x/y/tags/list?ns=" + TestCache.HOST).body())
                .contains("it serves renamed.test"));
    }

    @Test
    void hostsWritersReport_isPartOfTheStatus_whileItIsFresh() throws Exception {
        serve("");
        Path report = folder.resolve("run/hosts-writer.json");
        Files.writeString(report, "{\"updatedAt\":\"" + java.time.Instant.now() + "\",\"kills\":7}");
        assertThat(send(adminPort, "/status").body()).contains("\"kills\" : 7");
        Files.writeString(report, "{\"updatedAt\":\"2020-01-01T00:00:00Z\",\"kills\":7}");
        assertThat(send(adminPort, "/status").body()).contains("\"hostsWriter\" : null");
        Files.writeString(report, "half of a fi");
        assertThat(send(adminPort, "/status").body()).contains("\"hostsWriter\" : null");
    }

    @Test
    void commandLine_saysWhatIsWrong() throws Exception {
        assertThat(exit("--version")).isEqualTo(0);
        assertThat(log()).isEqualTo(Version.TEXT + "\n");
        assertThat(exit("--help")).isEqualTo(0);
        assertThat(exit("--config", config.toString(), "--check-config")).isEqualTo(0);
        assertThat(exit("--nonsense")).isEqualTo(2);
        assertThat(log()).contains("--nonsense", "Usage: node-cache");
        Path bad = Files.writeString(folder.resolve("bad.yaml"), "version: 1\nregistries: []\nstorrage: {}\n");
        assertThat(exit("--config", bad.toString(), "--check-config")).isEqualTo(2);
        assertThat(log()).contains("registries").contains("storrage");
        assertThat(exit("--config", bad.toString())).isEqualTo(2);
        assertThat(exit("--config", folder.resolve("missing.yaml").toString())).isEqualTo(2);
    }

    @Test
    void portInUse_isSaidWithTheFieldToChange() throws Exception {
        try (ServerSocket taken = new ServerSocket(port, 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();
            assertThat(exit("--config", config.toString())).isEqualTo(1);
        }
        assertThat(log()).contains("listen.registry = 127.0.0.1:" + port);
    }

    private int exit(String... args) throws Exception {
        Process process = run("", args);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("log"), StandardCharsets.UTF_8);
    }
}
