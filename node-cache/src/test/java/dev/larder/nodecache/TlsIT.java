package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.SelfSigned;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listener with a certificate, which changes on the disk while it serves. */
class TlsIT {

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image image = upstream.push("library/app", "v1", 3_000_000, 1);
    private SelfSigned first;
    private SelfSigned second;
    private Path certificate;
    private Path key;
    private TestCache cache;
    private FileWatcher watcher;

    @BeforeEach
    void start() throws Exception {
        first = SelfSigned.make(folder, "first");
        second = SelfSigned.make(folder, "second");
        certificate = folder.resolve("tls.crt");
        key = folder.resolve("tls.key");
        install(first);
        String yaml = TestCache.yaml(folder, "containerd: {manage: false}", "", upstream)
                .replace("runDirectory:", "tls: {certFile: " + certificate + ", keyFile: " + key + "}, runDirectory:");
        cache = new TestCache(folder, yaml);
        watcher = new FileWatcher();
        watcher.watch(FileWatcher.Look.at(List.of(certificate, key)), cache.cache()::reloadCertificate);
        watcher.start();
    }

    @AfterEach
    void stop() {
        watcher.close();
        cache.close();
        upstream.close();
    }

    private void install(SelfSigned made) throws IOException {
        Files.writeString(certificate, made.certificatePem());
        Files.writeString(key, made.keyPem());
    }

    private HttpClient client(SelfSigned trusted) throws Exception {
        return HttpClient.newBuilder().sslContext(trusted.trust()).build();
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create(
                        "https://localhost:" + cache.cache().registryPort() + path + "?ns=" + TestCache.HOST))
                .timeout(Duration.ofSeconds(20))
                .build();
    }

    private String layer() {
        return "/v2/library/app/blobs/" + image.layer();
    }

    /** On a connection of its own. */
    private X509Certificate shown() throws Exception {
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(SelfSigned.trust(first, second))
                .build()) {
            return (X509Certificate) client.send(request("/v2/"), HttpResponse.BodyHandlers.discarding())
                    .sslSession()
                    .orElseThrow()
                    .getPeerCertificates()[0];
        }
    }

    @Test
    void blobs_areServedColdAndWarm_overHttp11() throws Exception {
        for (int i = 0; i < 2; i++) {
            HttpResponse<byte[]> answer = client(first).send(request(layer()), HttpResponse.BodyHandlers.ofByteArray());
            assertThat(answer.body()).isEqualTo(image.layerBytes());
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
        }
        assertThatThrownBy(() -> client(second).send(request("/v2/"), HttpResponse.BodyHandlers.discarding()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void newCertificate_isShownToNewConnections_andCutsNoStream() throws Exception {
        assertThat(shown()).isEqualTo(first.certificate());
        upstream.misbehave().pauseMillis = 20;
        HttpResponse<InputStream> open =
                client(first).send(request(layer()), HttpResponse.BodyHandlers.ofInputStream());
        byte[] begun = open.body().readNBytes(10_000);
        install(second);
        await().untilAsserted(() -> assertThat(shown()).isEqualTo(second.certificate()));
        byte[] rest = open.body().readAllBytes();
        assertThat(begun.length + rest.length).isEqualTo(image.layerBytes().length);
    }

    @Test
    void keyOfAnotherCertificate_leavesTheOldOnesInPlace() throws Exception {
        Files.writeString(key, second.keyPem());
        await().untilAsserted(() ->
                assertThat(cache.admin("/metrics")).contains("larder_config_reloads_total{result=\"rejected\"} 1.0"));
        assertThat(shown()).isEqualTo(first.certificate());
        install(second);
        await().untilAsserted(() -> assertThat(shown()).isEqualTo(second.certificate()));
    }

    @Test
    void badCertificate_leavesTheOldOneInPlace() throws Exception {
        Files.writeString(certificate, "-----BEGIN CERTIFICATE-----\nnonsense\n");
        await().untilAsserted(() ->
                assertThat(cache.admin("/metrics")).contains("larder_config_reloads_total{result=\"rejected\"} 1.0"));
        assertThat(shown()).isEqualTo(first.certificate());
        install(second);
        await().untilAsserted(() -> assertThat(shown()).isEqualTo(second.certificate()));
    }
}
