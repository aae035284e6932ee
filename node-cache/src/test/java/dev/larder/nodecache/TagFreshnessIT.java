package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a tag is answered with as time goes by, as the upstream changes, fails and deletes it. */
class TagFreshnessIT {

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image first = upstream.push("library/app", "v1", 1000, 1);
    private @Nullable TestCache running;

    private TestCache cache() {
        return Objects.requireNonNull(running);
    }

    @AfterEach
    void stop() {
        cache().close();
        upstream.close();
    }

    private void start(String rule) {
        start(rule, Duration.ofSeconds(5));
    }

    private void start(String rule, Duration warm) {
        running = new TestCache(
                folder,
                TestCache.yaml(
                        folder,
                        "timeouts: {firstByteWarm: " + warm.toMillis() + "ms, firstByteCold: 5s}",
                        "tags: [{pattern: \"*\", " + rule + "}]",
                        upstream));
    }

    private HttpResponse<byte[]> tag() throws Exception {
        return cache().get("/v2/library/app/manifests/v1");
    }

    private void staleAnswer(HttpResponse<byte[]> answer) {
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(first.manifestBytes());
        assertThat(answer.headers().firstValue("Larder-Outcome")).hasValue("stale");
        assertThat(answer.headers().firstValue("Warning")).get().asString().matches("11[01] larder \".*\"");
        assertThat(answer.headers().firstValueAsLong("Age")).isPresent();
    }

    @Test
    void insideFreshFor_nothingIsAsked() throws Exception {
        start("freshFor: 1h");
        tag();
        upstream.push("library/app", "v1", 1000, 2);
        upstream.forgetRequests();
        HttpResponse<byte[]> answer = tag();
        assertThat(answer.body()).isEqualTo(first.manifestBytes());
        assertThat(answer.headers().firstValue("Larder-Outcome")).hasValue("hit");
        assertThat(answer.headers().firstValue("Warning")).isEmpty();
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void staleWhileRevalidate_answersAtOnce_andRefreshesBehind() throws Exception {
        start("freshFor: 0s, staleWhileRevalidate: 1h");
        tag();
        Image second = upstream.push("library/app", "v1", 1000, 2);
        upstream.forgetRequests();
        staleAnswer(tag());
        await().untilAsserted(() -> assertThat(tag().body()).isEqualTo(second.manifestBytes()));
        assertThat(upstream.count("GET", "/manifests/v1")).isZero();
    }

    @Test
    void afterThat_aHeadUpstreamDecides() throws Exception {
        start("freshFor: 0s, staleWhileRevalidate: 0s");
        tag();
        upstream.forgetRequests();
        assertThat(tag().body()).isEqualTo(first.manifestBytes());
        assertThat(upstream.requests()).extracting(FakeRegistry.Seen::method).containsExactly("HEAD");
        Image second = upstream.push("library/app", "v1", 1000, 2);
        assertThat(tag().body()).isEqualTo(second.manifestBytes());
    }

    @Test
    void upstreamFails_staleAnswersStandIn_alsoAfterARestart() throws Exception {
        start("freshFor: 0s, staleWhileRevalidate: 0s, staleIfError: 1h");
        tag();
        for (int status : new int[] {500, 429, 400}) {
            upstream.misbehave().status = status;
            staleAnswer(tag());
        }
        upstream.close();
        staleAnswer(tag());
        cache().restart();
        staleAnswer(tag());
    }

    @Test
    void upstreamHangs_staleAnswerComesWithinTheWarmBudget() throws Exception {
        start("freshFor: 0s, staleWhileRevalidate: 0s, staleIfError: 1h", Duration.ofMillis(300));
        tag();
        upstream.misbehave().hang = true;
        long began = System.nanoTime();
        staleAnswer(tag());
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .isBetween(Duration.ofMillis(250), Duration.ofSeconds(4));
    }

    @Test
    void staleIfErrorZero_failsWithTheUpstream() throws Exception {
        start("freshFor: 0s, staleWhileRevalidate: 0s, staleIfError: 0s");
        tag();
        upstream.close();
        assertThat(tag().statusCode()).isEqualTo(503);
    }

    @Test
    void deletedUpstream_isRefused_orServedWhenTheRuleSaysSo() throws Exception {
        start("freshFor: 0s, staleWhileRevalidate: 0s, onDeletedUpstream: Serve");
        tag();
        upstream.deleteTag("library/app", "v1");
        staleAnswer(tag());
        cache().reload(TestCache.yaml(
                folder,
                "timeouts: {firstByteWarm: 5s}",
                "tags: [{pattern: \"*\", freshFor: 0s, staleWhileRevalidate: 0s}]",
                upstream));
        assertThat(tag().statusCode()).isEqualTo(404);
    }

    @Test
    void answersAreKeptByClassOfAccept() throws Exception {
        start("freshFor: 1h");
        tag();
        upstream.forgetRequests();
        cache().get("/v2/library/app/manifests/v1", "Accept", "application/vnd.oci.image.index.v1+json");
        assertThat(upstream.requests()).hasSize(1);
        tag();
        assertThat(upstream.requests()).hasSize(1);
    }

    @Test
    void firstRuleThatMatches_counts() throws Exception {
        upstream.push("library/app", "nightly", 1000, 3);
        running = new TestCache(
                folder,
                TestCache.yaml(
                        folder,
                        "",
                        "tags: [{pattern: \"night*\", freshFor: 0s, staleWhileRevalidate: 0s}, {pattern: \"*\", freshFor: 1h}]",
                        upstream));
        for (int i = 0; i < 3; i++) {
            tag();
            cache().get("/v2/library/app/manifests/nightly");
        }
        assertThat(upstream.count("HEAD", "/manifests/v1")).isEqualTo(1);
        assertThat(upstream.count("HEAD", "/manifests/nightly")).isEqualTo(3);
    }
}
