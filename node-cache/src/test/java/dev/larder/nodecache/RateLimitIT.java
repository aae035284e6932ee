package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upstream's rate limit is read, shown and kept: what is known is answered stale, nothing more is asked for. */
class RateLimitIT {

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private TestCache cache;
    private Image image;

    @BeforeEach
    void start() {
        image = upstream.push("library/app", "v1", 100_000, 1);
        upstream.push("library/other", "v1", 100_000, 2);
        String always = "tags: [{pattern: '*', freshFor: 0s, staleWhileRevalidate: 0s, staleIfError: 1h}]";
        cache = new TestCache(folder, TestCache.yaml(folder, "", always, upstream));
    }

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
    }

    private HttpResponse<byte[]> tag(String repository) throws Exception {
        return cache.get("/v2/" + repository + "/manifests/v1");
    }

    private void staleOrRefused_withoutARequest() throws Exception {
        upstream.forgetRequests();
        HttpResponse<byte[]> known = tag("library/app");
        assertThat(known.body()).isEqualTo(image.manifestBytes());
        assertThat(known.headers().firstValue("Larder-Outcome")).hasValue("stale");
        HttpResponse<byte[]> unknown = tag("library/other");
        assertThat(unknown.statusCode()).isEqualTo(503);
        assertThat(new String(unknown.body(), StandardCharsets.UTF_8))
                .contains("TOOMANYREQUESTS", "allows no more requests until ");
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void refusedWith429_isNotAskedAgainUntilItMayBe() throws Exception {
        assertThat(tag("library/app").statusCode()).isEqualTo(200);
        upstream.misbehave().status = 429;
        upstream.misbehave().retryAfter = "60";
        assertThat(tag("library/app").headers().firstValue("Larder-Outcome")).hasValue("stale");
        upstream.behave();
        staleOrRefused_withoutARequest();
        assertThat(cache.admin("/status")).contains("\"state\" : \"Up\"", "allows no more requests");
    }

    @Test
    void usedUp_isNotAskedForManifests_butForTheirBlobs() throws Exception {
        upstream.misbehave().rateLimitRemaining = "0;w=21600";
        assertThat(tag("library/app").statusCode()).isEqualTo(503);
        upstream.misbehave().rateLimitRemaining = "1;w=21600";
        cache.restart();
        assertThat(tag("library/app").statusCode()).isEqualTo(200);
        upstream.misbehave().rateLimitRemaining = "0;w=21600";
        assertThat(tag("library/app").statusCode()).isEqualTo(200);
        staleOrRefused_withoutARequest();
        assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).statusCode())
                .isEqualTo(200);
        assertThat(cache.admin("/status")).contains("\"rateLimitRemaining\" : 0");
        assertThat(cache.admin("/metrics"))
                .contains("larder_upstream_rate_limit_remaining{registry=\"registry.test\",upstream=\"127.0.0.1:"
                        + upstream.port() + "\"} 0.0");
    }
}
