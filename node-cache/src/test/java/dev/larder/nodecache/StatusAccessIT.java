package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.SelfSigned;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is told the status of a node cache, and who is not. */
class StatusAccessIT {

    private static final String STATUS = "/jobs/v1/status";
    private static final int PLACES = 8;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final HttpClient anybody = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private JobsCache cache;

    @BeforeEach
    void start() throws Exception {
        cache = new JobsCache(folder, upstream);
    }

    @AfterEach
    void end() {
        cache.close();
        anybody.shutdownNow();
        upstream.close();
    }

    @Test
    void operator_isToldTheSameAsTheNodeItself() throws Exception {
        cache.giveCertificates();
        HttpResponse<String> told = cache.ask(JobsCache.client(cache.server, cache.operator), STATUS);
        assertThat(told.statusCode()).isEqualTo(200);
        assertThat(told.headers().firstValue("Content-Type")).contains("application/json");
        HttpResponse<String> loopback = plain(InetAddress.getLoopbackAddress(), "/status");
        assertThat(loopback.statusCode()).isEqualTo(200);
        JsonObject status = steady(told);
        assertThat((Object) status).isEqualTo(steady(loopback));
        assertThat(status.getJsonArray("registries").size()).isEqualTo(1);
    }

    @Test
    void namesOfWaitingTags_areToldWhenAskedFor() throws Exception {
        cache.giveCertificates();
        HttpClient operator = JobsCache.client(cache.server, cache.operator);
        assertThat(cache.ask(operator, STATUS + "?waiting=20000").body()).contains("\"waitingNames\":\"\"");
        for (String other : List.of("", "?waiting=0", "?waiting=x", "?waiting=-1", "?waiting=99999999999")) {
            HttpResponse<String> told = cache.ask(operator, STATUS + other);
            assertThat(told.statusCode()).isEqualTo(200);
            assertThat(told.body()).doesNotContain("waitingNames");
        }
    }

    /** Without what others on this machine change from one moment to the next. */
    private static JsonObject steady(HttpResponse<String> answer) {
        JsonObject status = new JsonObject(answer.body());
        assertThat(status.getJsonObject("storage").remove("freeBytes")).isNotNull();
        return status;
    }

    @Test
    void whoeverIsNotTheOperator_isToldNothing() throws Exception {
        cache.giveCertificates();
        HttpResponse<String> neighbour = cache.ask(JobsCache.client(cache.server, cache.another), STATUS);
        assertThat(neighbour.statusCode()).isEqualTo(403);
        assertThat(neighbour.body()).doesNotContain(TestCache.HOST);
        SelfSigned stranger = SelfSigned.make(folder, "stranger", "dns:" + JobsCache.OPERATOR);
        assertThatThrownBy(() -> cache.ask(JobsCache.client(cache.server, stranger), STATUS))
                .isInstanceOf(IOException.class);
        HttpClient nameless =
                HttpClient.newBuilder().sslContext(cache.server.trust()).build();
        assertThatThrownBy(() -> cache.ask(nameless, STATUS)).isInstanceOf(IOException.class);
    }

    @Test
    void network_getsMetricsAndProbes_andNoStatusButTheWayToIt() throws Exception {
        for (InetAddress own : ownAddresses()) {
            HttpResponse<String> refused = plain(own, "/status");
            assertThat(refused.statusCode()).as("by %s", own).isEqualTo(403);
            assertThat(refused.body())
                    .contains("curl http://127.0.0.1:" + cache.cache.cache().adminPort() + "/status")
                    .contains("kubectl -n NAMESPACE port-forward POD")
                    .doesNotContain(TestCache.HOST)
                    .doesNotContain(folder.toString());
            for (String open : List.of("/livez", "/readyz", "/metrics")) {
                assertThat(plain(own, open).statusCode()).as(open).isEqualTo(200);
            }
            assertThat(plain(own, "/metrics").body())
                    .contains("larder_requests_total")
                    .doesNotContain(folder.toString());
        }
    }

    @Test
    void nodeWhosePlacesAreTaken_stillTellsItsStatus() throws Exception {
        cache.giveCertificates();
        upstream.misbehave().hang = true;
        HttpClient operator = JobsCache.client(cache.server, cache.operator);
        List<CompletableFuture<HttpResponse<String>>> jobs = new ArrayList<>();
        for (int i = 0; i < PLACES; i++) {
            jobs.add(operator.sendAsync(
                    request("/jobs/v1/manifest?image=" + TestCache.HOST + "/library/app:" + i),
                    HttpResponse.BodyHandlers.ofString()));
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> upstream.count("HEAD", "/manifests/") == PLACES);
        assertThat(cache.ask(operator, "/jobs/v1/tags?image=" + TestCache.HOST + "/library/app")
                        .body())
                .contains("jobs at once");
        assertThat(cache.ask(operator, STATUS).statusCode()).isEqualTo(200);
        jobs.forEach(job -> job.cancel(true));
    }

    @Test
    void certificateThatIsThereFirst_isListenedWithBeforeItSaysReady() throws Exception {
        cache.giveCertificates();
        cache.cache.restart();
        assertThat(cache.port()).isPositive();
        assertThat(cache.ask(JobsCache.client(cache.server, cache.operator), STATUS)
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void nonsenseForACertificate_keepsNoNodeCacheFromServing_andIsReplaced() throws Exception {
        upstream.push("library/app", "1", 1000, 1);
        cache.giveNonsense();
        cache.cache.restart();
        assertThat(cache.port()).isEqualTo(-1);
        assertThat(cache.cache.get("/v2/library/app/manifests/1").statusCode()).isEqualTo(200);
        cache.giveCertificates();
        assertThat(cache.ask(JobsCache.client(cache.server, cache.operator), STATUS)
                        .statusCode())
                .isEqualTo(200);
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + cache.port() + path))
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    private HttpResponse<String> plain(InetAddress address, String path) throws IOException, InterruptedException {
        String host = address.getHostAddress();
        URI uri = URI.create("http://" + host + ":" + cache.cache.cache().adminPort() + path);
        return anybody.send(
                HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** Whoever connects to one of these comes from it, and not by loopback. */
    private static List<InetAddress> ownAddresses() throws SocketException {
        List<InetAddress> own = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(address -> address instanceof java.net.Inet4Address && !address.isLoopbackAddress())
                .toList();
        assertThat(own)
                .as("addresses of this machine beside loopback: this test needs one, give it a network interface")
                .isNotEmpty();
        return own;
    }
}
