package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.oci.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
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
    private CacheProcess cache;

    @BeforeEach
    void configure() throws IOException {
        cache = new CacheProcess(folder, List.of("-Xmx64m"), yaml("first"));
    }

    private String yaml(String revision) {
        return TestCache.yaml(folder, "revision: " + revision, "", upstream);
    }

    @AfterEach
    void end() {
        cache.close();
        upstream.close();
    }

    private HttpResponse<InputStream> open() throws Exception {
        return cache.get(blob(image.layer()), Optional.empty(), HttpResponse.BodyHandlers.ofInputStream());
    }

    private HttpResponse<byte[]> layer() throws Exception {
        return cache.get(blob(image.layer()));
    }

    private static String blob(Digest digest) {
        return "/v2/library/app/blobs/" + digest;
    }

    private List<String> files(String part) throws IOException {
        return cache.files(part).stream()
                .map(file -> file.getFileName().toString())
                .toList();
    }

    @Test
    void killedDuringAFill_startsAgainWithoutThePartialBlob_andWithEverythingElse() throws Exception {
        cache.serve();
        assertThat(cache.get(blob(image.config())).statusCode()).isEqualTo(200);
        await().until(() -> files("blobs").contains(image.config().hex()));
        upstream.misbehave().pauseMillis = 20;
        HttpResponse<InputStream> open = open();
        assertThat(open.body().readNBytes(LAYER / 4)).hasSize(LAYER / 4);
        assertThat(files("partial")).hasSize(1);
        cache.killAfter(0);
        assertThat(files("partial")).hasSize(1);
        assertThat(files("blobs")).containsExactly(image.config().hex());

        upstream.misbehave().pauseMillis = 0;
        upstream.forgetRequests();
        cache.serve();
        assertThat(files("partial")).isEmpty();
        assertThat(cache.get(blob(image.config())).statusCode()).isEqualTo(200);
        assertThat(upstream.requests()).isEmpty();
        assertThat(layer().body()).isEqualTo(image.layerBytes());
        await().until(() -> files("blobs").contains(image.layer().hex()));
    }

    @Test
    void askedToStop_letsStreamsEnd_andTakesItsPidFileAway() throws Exception {
        cache.serve();
        Path pidFile = folder.resolve("run/node-cache.pid");
        assertThat(Files.readString(pidFile)).contains("\"pid\": " + cache.pid());
        upstream.misbehave().pauseMillis = 5;
        HttpResponse<InputStream> open = open();
        byte[] begun = open.body().readNBytes(1000);
        Process process = cache.stop();
        assertThat(process.isAlive()).isTrue();
        byte[] rest = open.body().readAllBytes();
        assertThat(begun.length + rest.length).isEqualTo(LAYER);
        assertThat(process.waitFor(15, TimeUnit.SECONDS)).isTrue();
        assertThat(pidFile).doesNotExist();
        assertThatThrownBy(() -> cache.get("/v2/")).isInstanceOf(IOException.class);
    }

    /** Closes the connection with so many bytes of the blob read, at once. */
    private void leaveAfter(int bytes, Digest blob) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), cache.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET " + blob(blob) + "?ns=" + TestCache.HOST + " HTTP/1.1\r\nHost: x\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = new BufferedInputStream(socket.getInputStream());
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            assertThat(head.toString()).startsWith("HTTP/1.1 200");
            assertThat(in.readNBytes(bytes)).hasSize(bytes);
        }
    }

    @Test
    void onlyWhoLeavesBeforeTheEnd_isLoggedAsCutOff() throws Exception {
        cache.serve();
        int size = 300_000;
        for (int seed = 2; seed < 22; seed++) {
            leaveAfter(
                    size, upstream.push("library/app", "v" + seed, size, seed).layer());
        }
        upstream.misbehave().pauseMillis = 20;
        leaveAfter(1000, image.layer());
        await().untilAsserted(() -> assertThat(answers()).hasSize(21));
        assertThat(answers())
                .filteredOn(line -> line.contains("\"cut\":true"))
                .singleElement()
                .asString()
                .contains(image.layer().hex());
    }

    private List<String> answers() throws IOException {
        return cache.log()
                .lines()
                .filter(line -> line.contains("\"kind\":\"blob\""))
                .toList();
    }

    @Test
    void diskThatTakesNoMore_doesNotStopAPull() throws Exception {
        // Files may grow to 1 MB only: the fill fails in the middle of the layer, as on a full disk.
        cache.launch("ulimit -f 2000; ");
        cache.awaitReady();
        assertThat(layer().body()).isEqualTo(image.layerBytes());
        assertThat(layer().body()).isEqualTo(image.layerBytes());
        assertThat(files("blobs")).doesNotContain(image.layer().hex());
        await().untilAsserted(() -> assertThat(files("partial")).isEmpty());
        upstream.misbehave().corrupt = true;
        assertThatThrownBy(this::layer).isInstanceOf(IOException.class);
    }

    @Test
    void configFile_isAppliedLive_andABadOneIsReported() throws Exception {
        cache.serve();
        cache.configure(yaml("second"));
        await().untilAsserted(() ->
                assertThat(cache.admin("/status").body()).contains("\"revision\" : \"second\"", "\"problems\" : [ ]"));
        cache.configure(yaml("third") + "nonsense: 1\n");
        await().untilAsserted(() ->
                assertThat(cache.admin("/status").body()).contains("\"revision\" : \"second\"", "nonsense"));
        await().untilAsserted(() -> assertThat(cache.admin("/metrics").body())
                .contains("larder_config_reloads_total{result=\"applied\"} 1.0")
                .contains("larder_config_reloads_total{result=\"rejected\"} 1.0"));
        cache.configure(yaml("fourth").replace(TestCache.HOST, "renamed.test"));
        await().untilAsserted(() -> assertThat(
                        new String(cache.get("/v2/x/y/tags/list").body(), StandardCharsets.UTF_8))
                .contains("it serves renamed.test"));
    }

    @Test
    void hostsWritersReport_isPartOfTheStatus_whileItIsFresh() throws Exception {
        cache.serve();
        Path report = folder.resolve("run/hosts-writer.json");
        Files.writeString(report, "{\"updatedAt\":\"" + java.time.Instant.now() + "\",\"kills\":7}");
        assertThat(cache.admin("/status").body()).contains("\"kills\" : 7");
        Files.writeString(report, "{\"updatedAt\":\"2020-01-01T00:00:00Z\",\"kills\":7}");
        assertThat(cache.admin("/status").body()).contains("\"hostsWriter\" : null");
        Files.writeString(report, "half of a fi");
        assertThat(cache.admin("/status").body()).contains("\"hostsWriter\" : null");
    }

    @Test
    void commandLine_saysWhatIsWrong() throws Exception {
        assertThat(exit("--version")).isEqualTo(0);
        assertThat(cache.log()).isEqualTo(Version.TEXT + "\n");
        assertThat(exit("--help")).isEqualTo(0);
        assertThat(exit("--config", cache.config().toString(), "--check-config"))
                .isEqualTo(0);
        assertThat(exit("--nonsense")).isEqualTo(2);
        assertThat(cache.log()).contains("--nonsense", "Usage: node-cache");
        Path bad = Files.writeString(folder.resolve("bad.yaml"), "version: 1\nregistries: []\nstorrage: {}\n");
        assertThat(exit("--config", bad.toString(), "--check-config")).isEqualTo(2);
        assertThat(cache.log()).contains("registries").contains("storrage");
        assertThat(exit("--config", bad.toString())).isEqualTo(2);
        assertThat(exit("--config", folder.resolve("missing.yaml").toString())).isEqualTo(2);
    }

    @Test
    void portInUse_isSaidWithTheFieldToChange() throws Exception {
        try (ServerSocket taken = new ServerSocket(cache.port(), 1, java.net.InetAddress.getLoopbackAddress())) {
            assertThat(taken.isBound()).isTrue();
            assertThat(exit("--config", cache.config().toString())).isEqualTo(1);
        }
        assertThat(cache.log()).contains("listen.registry = 127.0.0.1:" + cache.port());
    }

    private int exit(String... args) throws Exception {
        Process process = cache.run("", args);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }
}
