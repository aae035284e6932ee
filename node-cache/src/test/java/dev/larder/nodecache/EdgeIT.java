package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests that no well-meaning client sends, and what a client sees on the wire. Nothing of this reaches the upstream. */
class EdgeIT {

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image image = upstream.push("library/app", "v1", 2_000_000, 1);
    private TestCache cache;

    @BeforeEach
    void start() {
        cache = new TestCache(folder, TestCache.yaml(folder, "limits: {requests: 3}", "", upstream));
    }

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
    }

    /** Sends the text as it is and reads until the server closes. */
    private String raw(String request) throws IOException {
        try (Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), cache.cache().registryPort())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    /** The server does not read what is beyond its bounds, so its close may overtake its answer. */
    private String rawOrReset(String request) throws IOException {
        try {
            return raw(request);
        } catch (SocketException e) {
            return "reset";
        }
    }

    private String request(String line) throws IOException {
        return raw(line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    }

    @ParameterizedTest(name = "{0} is {1} {2}")
    @CsvSource({
        "GET /v2/library/app/manifests/v1?ns=unknown.test, 404, NAME_UNKNOWN",
        "GET /v2/unknown.test/library/app/manifests/v1, 404, NAME_UNKNOWN",
        "GET /v2/library/app/manifests/v1?ns=169.254.169.254, 404, NAME_UNKNOWN",
        "GET /v2/library/app/manifests/v1?ns=%2e%2e%2fetc, 404, NAME_UNKNOWN",
        "GET /v2/app/manifests/v1, 404, NAME_UNKNOWN",
        "GET /, 404, NAME_UNKNOWN",
        "GET /v1/x/y/z/a, 404, NAME_UNKNOWN",
        "GET /v2/library/app/signatures/v1?ns=registry.test, 404, NAME_UNKNOWN",
        "GET /v2/library/app/tags/other?ns=registry.test, 404, NAME_UNKNOWN",
        "GET /v2/../../etc/passwd/manifests/v1?ns=registry.test, 400, NAME_INVALID",
        "GET /v2/%2e%2e/%2e%2e/etc/manifests/v1?ns=registry.test, 400, NAME_INVALID",
        "GET /v2/..%2f..%2fetc/x/blobs/sha256:00?ns=registry.test, 400, NAME_INVALID",
        "GET /v2/Library/App/manifests/v1?ns=registry.test, 400, NAME_INVALID",
        "GET /v2/library/_tags/manifests/v1?ns=registry.test, 400, NAME_INVALID",
        "GET /v2/library//app/manifests/v1?ns=registry.test, 400, NAME_INVALID",
        "GET /v2/library/app%zz/manifests/v1?ns=registry.test, 400, NAME_INVALID",
        "GET /v2/library/app/manifests/..?ns=registry.test, 400, TAG_INVALID",
        "GET /v2/library/app/manifests/.hidden?ns=registry.test, 400, TAG_INVALID",
        "GET /v2/library/app/blobs/sha256:../../../../etc/passwd?ns=registry.test, 400, NAME_INVALID",
        "GET /v2/library/app/blobs/sha256:..%2f..%2fx?ns=registry.test, 400, NAME_INVALID",
        "GET /v2/library/app/blobs/sha256:abc?ns=registry.test, 400, DIGEST_INVALID",
        "GET /v2/library/app/blobs/md5:d41d8cd98f00b204e9800998ecf8427e?ns=registry.test, 400, DIGEST_INVALID",
        "GET /v2/library/app/blobs/plain?ns=registry.test, 400, DIGEST_INVALID",
        "PUT /v2/library/app/manifests/v1?ns=registry.test, 405, UNSUPPORTED",
        "POST /v2/library/app/blobs/uploads/?ns=registry.test, 405, UNSUPPORTED",
        "DELETE /v2/library/app/manifests/v1?ns=registry.test, 405, UNSUPPORTED",
    })
    void refused(String line, int status, String code) throws Exception {
        String answer = request(line);
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("{\"errors\":[{\"code\":\"" + code + "\"");
        assertThat(answer).contains("Larder-Outcome: refused");
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void overLongRequests_areRefused() throws Exception {
        assertThat(request("GET /v2/" + "a".repeat(9000) + "/manifests/v1")).contains(" 414 ");
        assertThat(rawOrReset("GET /v2/ HTTP/1.1\r\nHost: x\r\nX: " + "a".repeat(40_000) + "\r\n\r\n"))
                .containsAnyOf(" 431 ", "reset");
        assertThat(request("GET /v2/" + "a/".repeat(150) + "a/manifests/v1?ns=registry.test"))
                .contains("NAME_INVALID");
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void registry_isTakenFromQueryThenHeaderThenPath() throws Exception {
        String manifest = "library/app/manifests/v1";
        assertThat(request("HEAD /v2/" + manifest + "?ns=registry.test"))
                .contains("200 OK", "OCI-Namespace: registry.test");
        assertThat(raw("HEAD /v2/" + manifest
                        + " HTTP/1.1\r\nHost: x\r\nOCI-Namespace: registry.test\r\nConnection: close\r\n\r\n"))
                .contains("200 OK", "OCI-Namespace: registry.test");
        assertThat(request("HEAD /v2/registry.test/" + manifest))
                .contains("200 OK")
                .doesNotContain("OCI-Namespace");
        upstream.push("odd/manifests/blobs", "v1", 10, 5);
        assertThat(request("HEAD /v2/registry.test/odd/manifests/blobs/manifests/v1"))
                .contains("200 OK");
    }

    @Test
    void root_answersLikeARegistry() throws Exception {
        for (String path : List.of("/v2/", "/v2")) {
            assertThat(request("GET " + path)).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\n{}");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET /v2/library/app/manifests/v1, Content-Length: 5, 413",
        "HEAD /v2/library/app/manifests/v1, Content-Length: 99999999999, 413",
        "GET /v2/library/app/manifests/v1, Transfer-Encoding: chunked, 413",
        "PUT /v2/library/app/manifests/v1, Content-Length: 5, 405",
        "GET /v2/library/app/manifests/v1, Content-Length: -5, 400",
        "GET /v2/library/app/manifests/v1, Content-Length: 0, 200",
    })
    void requestBodies_areRefused_andNotWaitedFor(String line, String header, int status) throws Exception {
        // No Connection: close here: the server must end by itself what it does not read.
        String keep = status == 200 ? "Connection: close\r\n" : "";
        String answer = raw(line + "?ns=registry.test HTTP/1.1\r\nHost: x\r\n" + keep + header + "\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
    }

    @Test
    void conditionsThatRegistriesAnswerWith304_getTheContent() throws Exception {
        for (String path : List.of("manifests/v1", "manifests/" + image.manifest(), "blobs/" + image.layer())) {
            for (int i = 0; i < 2; i++) {
                HttpResponse<byte[]> answer = cache.get(
                        "/v2/library/app/" + path,
                        "If-None-Match",
                        "*",
                        "If-Modified-Since",
                        "Sun, 22 Nov 2037 08:00:00 GMT",
                        "Cache-Control",
                        "only-if-cached");
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.body()).isNotEmpty();
            }
        }
    }

    @Test
    void oneConnection_takesManyRequests_alsoSentAtOnce() throws Exception {
        String one = "GET /v2/library/app/manifests/v1?ns=registry.test HTTP/1.1\r\nHost: x\r\n\r\n";
        String last = "HEAD /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        assertThat(raw(one + one + one + last).split("HTTP/1.1 200 OK", -1)).hasSize(5);
    }

    @Test
    void brokenBody_endsByAnOrdinaryClose() throws Exception {
        upstream.misbehave().corrupt = true;
        upstream.misbehave().pauseMillis = 5;
        // readAllBytes throws on a reset: containerd would fail the pull instead of taking it up again.
        String answer = request("GET /v2/library/app/blobs/" + image.layer() + "?ns=registry.test");
        assertThat(answer).startsWith("HTTP/1.1 200 ").contains("Content-Length: 2000000");
        assertThat(answer.length()).isLessThan(2_000_000);
    }

    @Test
    void whoHoldsManyConnectionsToTheProbes_keepsNobodyOut() throws Exception {
        List<Socket> held = new ArrayList<>();
        try {
            for (int n = 0; n < 80; n++) {
                Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), cache.cache().adminPort());
                socket.setSoTimeout(10_000);
                held.add(socket);
            }
            for (Socket quiet : held.subList(0, 10)) {
                assertThat(quiet.getInputStream().read()).as("made room").isEqualTo(-1);
            }
            assertThat(cache.admin("/readyz")).contains("ready");
            Socket last = held.getLast();
            last.getOutputStream().write("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(last.getInputStream().read()).isEqualTo('H');
        } finally {
            for (Socket socket : held) {
                socket.close();
            }
        }
    }

    @Test
    void requestsBeyondTheLimit_get503_andRoomComesBack() throws Exception {
        upstream.misbehave().pauseMillis = 500;
        List<InputStream> busy = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            busy.add(cache.open("/v2/library/app/blobs/" + image.layer()).body());
        }
        HttpResponse<byte[]> refused = cache.get("/v2/library/app/manifests/v1");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(new String(refused.body(), StandardCharsets.UTF_8)).contains("limits.requests = 3");
        assertThat(request("GET /v2/../../etc/passwd/manifests/v1?ns=registry.test"))
                .startsWith("HTTP/1.1 503 ");
        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertThat(cache.admin("/metrics").lines())
                        .contains(
                                "larder_requests_total{kind=\"manifest\",outcome=\"refused\",registry=\"registry.test\"} 1.0",
                                "larder_requests_total{kind=\"other\",outcome=\"refused\",registry=\"\"} 1.0"));
        for (InputStream body : busy) {
            body.close();
        }
        org.awaitility.Awaitility.await().untilAsserted(() -> assertThat(
                        cache.get("/v2/library/app/manifests/v1").statusCode())
                .isEqualTo(200));
    }
}
