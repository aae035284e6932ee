package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a pull brings and what it costs upstream, when nothing is wrong. */
class PullIT {

    private static final int LAYER = 3_000_000;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private TestCache cache;
    private Image image;

    @BeforeEach
    void start() {
        image = upstream.push("library/app", "v1", LAYER, 1);
        cache = TestCache.of(folder, upstream);
    }

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
    }

    private void pull() throws Exception {
        assertThat(cache.head("/v2/library/app/manifests/v1").statusCode()).isEqualTo(200);
        assertThat(cache.get("/v2/library/app/manifests/" + image.manifest()).body())
                .isEqualTo(image.manifestBytes());
        assertThat(cache.get("/v2/library/app/blobs/" + image.config()).statusCode())
                .isEqualTo(200);
        assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).body()).isEqualTo(image.layerBytes());
        await().until(() -> cache.stored("blobs").size() == 3);
    }

    @Test
    void restartRightAfterAPull_losesNothing() throws Exception {
        assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).statusCode())
                .isEqualTo(200);
        cache.restart();
        assertThat(cache.stored("blobs")).containsExactly(image.layer().hex());
    }

    @Test
    void secondPull_costsNoUpstreamRequest() throws Exception {
        pull();
        upstream.forgetRequests();
        pull();
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void pullAfterRestart_costsNoUpstreamRequest() throws Exception {
        pull();
        upstream.forgetRequests();
        cache.restart();
        pull();
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void pullWhileUpstreamIsDown_isServed() throws Exception {
        pull();
        upstream.close();
        cache.restart();
        pull();
        assertThat(cache.get("/v2/library/app/manifests/v1").body()).isEqualTo(image.manifestBytes());
    }

    @Test
    void coldPull_costsOneRequestForEachPiece() throws Exception {
        pull();
        assertThat(upstream.requests())
                .extracting(seen -> seen.method() + " " + seen.path())
                .containsExactly(
                        "HEAD /v2/library/app/manifests/v1",
                        "GET /v2/library/app/manifests/" + image.manifest(),
                        "GET /v2/library/app/blobs/" + image.config(),
                        "GET /v2/library/app/blobs/" + image.layer());
    }

    @Test
    void hundredPullsAtOnce_areOneUpstreamFetch() throws Exception {
        upstream.misbehave().pauseMillis = 2;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<byte[]>>> answers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                answers.add(clients.submit(() -> cache.get("/v2/library/app/blobs/" + image.layer())));
            }
            for (Future<HttpResponse<byte[]>> answer : answers) {
                assertThat(answer.get().body()).isEqualTo(image.layerBytes());
            }
        }
        assertThat(upstream.count("GET", "/blobs/")).isEqualTo(1);
        assertThat(upstream.requests()).hasSize(1);
        await().untilAsserted(() -> assertThat(cache.stored("partial")).isEmpty());
    }

    @Test
    void rangesOfABlobOnItsWay_causeNoSecondFetch() throws Exception {
        upstream.misbehave().pauseMillis = 5;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<HttpResponse<byte[]>>> answers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String range = "bytes=" + i * (LAYER / 8) + "-" + ((i + 1) * (LAYER / 8) - 1);
                answers.add(clients.submit(() -> cache.get("/v2/library/app/blobs/" + image.layer(), "Range", range)));
            }
            for (int i = 0; i < 8; i++) {
                HttpResponse<byte[]> answer = answers.get(i).get();
                assertThat(answer.statusCode()).isEqualTo(206);
                byte[] expected =
                        java.util.Arrays.copyOfRange(image.layerBytes(), i * (LAYER / 8), (i + 1) * (LAYER / 8));
                assertThat(answer.body()).isEqualTo(expected);
            }
        }
        assertThat(upstream.count("GET", "/blobs/")).isEqualTo(1);
    }

    @Test
    void clientGone_fillContinues() throws Exception {
        upstream.misbehave().pauseMillis = 5;
        HttpResponse<InputStream> open = cache.open("/v2/library/app/blobs/" + image.layer());
        assertThat(open.body().readNBytes(1000)).hasSize(1000);
        open.body().close();
        await().atMost(Duration.ofSeconds(20))
                .until(() -> cache.stored("blobs").contains(image.layer().hex()));
        assertThat(upstream.requests()).hasSize(1);
    }

    /** A reader that is interrupted in the middle of a read must not take the writer's file away. */
    @Test
    void manyClientsLeave_fillContinues() throws Exception {
        upstream.misbehave().pauseMillis = 5;
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 1; i <= 60; i++) {
                int taken = i * 30_000;
                clients.execute(() -> {
                    try (InputStream body =
                            cache.open("/v2/library/app/blobs/" + image.layer()).body()) {
                        body.skipNBytes(taken);
                    } catch (java.io.IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                });
            }
        }
        assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).body()).isEqualTo(image.layerBytes());
        await().until(() -> cache.stored("blobs").contains(image.layer().hex()));
        assertThat(upstream.requests()).hasSize(1);
    }

    @Test
    void slowClient_doesNotSlowTheFill() throws Exception {
        HttpResponse<InputStream> slow = cache.open("/v2/library/app/blobs/" + image.layer());
        await().atMost(Duration.ofSeconds(10))
                .until(() -> cache.stored("blobs").contains(image.layer().hex()));
        assertThat(slow.body().readAllBytes()).isEqualTo(image.layerBytes());
    }

    @Test
    void headOfAColdBlob_startsNoFill() throws Exception {
        HttpResponse<byte[]> head = cache.head("/v2/library/app/blobs/" + image.layer());
        assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(LAYER);
        assertThat(upstream.requests()).extracting(FakeRegistry.Seen::method).containsExactly("HEAD");
    }

    @Test
    void headOfAManifest_carriesWhatContainerdNeeds() throws Exception {
        for (String reference : List.of("v1", image.manifest().toString())) {
            HttpResponse<byte[]> head = cache.head("/v2/library/app/manifests/" + reference);
            assertThat(head.headers().firstValue("Docker-Content-Digest"))
                    .hasValue(image.manifest().toString());
            assertThat(head.headers().firstValueAsLong("Content-Length")).hasValue(image.manifestBytes().length);
            assertThat(head.headers().firstValue("Content-Type"))
                    .hasValue("application/vnd.oci.image.manifest.v1+json");
            assertThat(head.headers().firstValue("OCI-Namespace")).hasValue(TestCache.HOST);
            assertThat(head.headers().firstValue("Content-Encoding")).isEmpty();
        }
    }

    @Test
    void wholeRange_isAnsweredAsAPart() throws Exception {
        for (String outcome : List.of("upstream", "hit")) {
            HttpResponse<byte[]> answer = cache.get("/v2/library/app/blobs/" + image.layer(), "Range", "bytes=0-");
            assertThat(answer.statusCode()).isEqualTo(206);
            assertThat(answer.headers().firstValue("Content-Range")).hasValue("bytes 0-" + (LAYER - 1) + "/" + LAYER);
            assertThat(answer.headers().firstValue("Larder-Outcome")).hasValue(outcome);
            assertThat(answer.body()).isEqualTo(image.layerBytes());
            await().until(() -> cache.stored("blobs").contains(image.layer().hex()));
        }
    }

    @Test
    void listsArePassedThrough_withoutTheUpstreamsName() throws Exception {
        HttpResponse<byte[]> tags = cache.get("/v2/library/app/tags/list?n=1");
        assertThat(new String(tags.body(), java.nio.charset.StandardCharsets.UTF_8))
                .contains("\"v1\"");
        assertThat(tags.headers().firstValue("Link")).hasValue("</v2/library/app/tags/list?n=1&last=a>; rel=\"next\"");
        assertThat(upstream.requests().getLast().path()).isEqualTo("/v2/library/app/tags/list?n=1");
        HttpResponse<byte[]> referrers =
                cache.get("/v2/library/app/referrers/" + image.manifest() + "?artifactType=a%2Fb");
        assertThat(referrers.headers().firstValue("OCI-Filters-Applied")).hasValue("artifactType");
        assertThat(upstream.requests().getLast().path()).endsWith("?artifactType=a%2Fb");
    }

    @Test
    void blobKnownFromOneRepository_isNotGivenThroughAnother() throws Exception {
        pull();
        assertThat(cache.get("/v2/library/other/blobs/" + image.layer()).statusCode())
                .isEqualTo(404);
        upstream.push("library/copy", "v1", LAYER, 1);
        upstream.forgetRequests();
        assertThat(cache.get("/v2/library/copy/blobs/" + image.layer()).body()).isEqualTo(image.layerBytes());
        assertThat(upstream.requests()).extracting(FakeRegistry.Seen::method).containsExactly("HEAD");
    }

    @Test
    void statusAndMetrics_agreeOnWhatHappened() throws Exception {
        pull();
        pull();
        // Counted when the last byte has gone out, which the client has by then.
        await().untilAsserted(() -> assertThat(cache.admin("/metrics"))
                .contains("larder_requests_total{kind=\"blob\",outcome=\"hit\",registry=\"registry.test\"} 2.0")
                .contains("larder_requests_total{kind=\"blob\",outcome=\"upstream\",registry=\"registry.test\"} 2.0")
                .contains(
                        "larder_upstream_requests_total{method=\"GET\",registry=\"registry.test\",status=\"200\"} 3.0")
                .contains("larder_fills_total{registry=\"registry.test\",result=\"committed\"} 2.0")
                .contains("larder_build_info{version=\"" + Version.TEXT + "\"} 1")
                .contains("larder_native_transport 1.0"));
        await().untilAsserted(() -> assertThat(cache.admin("/status"))
                .contains("\"requests\" : 8", "\"rateLimitRemaining\" : 76", "\"state\" : \"Up\"", "\"blobs\" : 3"));
        assertThat(cache.admin("/livez")).isEqualTo("live\n");
        assertThat(cache.admin("/readyz")).isEqualTo("ready\n");
    }
}
