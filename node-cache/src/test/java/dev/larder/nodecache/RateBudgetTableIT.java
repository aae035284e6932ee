package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.SettableClock;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked upstream while an upstream's rate limit runs out: requests that count are for what is not here. */
class RateBudgetTableIT {

    /** What the upstream says in good time is to count, and a machine that stands still is not to look like silence. */
    private static final String PATIENT = "timeouts: {firstByteWarm: 5s}";

    private static final String RULES = """
            rateBudget: {reserve: 20%}
            tags: [{pattern: '*', freshFor: 1m, staleWhileRevalidate: 10m, staleIfError: 24h}]""";

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final SettableClock clock = new SettableClock();
    private Image old;
    private TestCache cache;

    @BeforeEach
    void start() throws Exception {
        old = upstream.push("library/app", "v1", 50_000, 1);
        cache = new TestCache(folder, TestCache.yaml(folder, PATIENT, RULES, upstream), clock);
    }

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
    }

    /** The whole image is here, and the upstream has told its limit. */
    private void pulled(String left, String limit) throws Exception {
        upstream.misbehave().rateLimit = limit;
        upstream.misbehave().rateLimitRemaining = left;
        assertThat(cache.get("/v2/library/app/manifests/v1").statusCode()).isEqualTo(200);
        assertThat(cache.get("/v2/library/app/blobs/" + old.layer()).statusCode())
                .isEqualTo(200);
        assertThat(cache.get("/v2/library/app/blobs/" + old.config()).statusCode())
                .isEqualTo(200);
        assertThat(cache.get("/v2/library/app/tags/list").statusCode()).isEqualTo(200);
        await().untilAsserted(() -> assertThat(cache.stored("partial")).isEmpty());
    }

    /** Reads: what is asked for after so many minutes, with that left of the limit, then what it gets and costs. */
    @ParameterizedTest(name = "{0} after {1} min with {2} left of {3}: {4}, HEADs {5}, GETs {6}")
    @CsvSource({
        // Docker Hub: HEADs cost nothing.
        "the tag,          0, 10;w=21600, 100;w=21600, hit,      0, 0",
        "the tag,          5, 10;w=21600, 100;w=21600, stale,    1, 0",
        "the tag,         20, 10;w=21600, 100;w=21600, upstream, 1, 0",
        "the moved tag,   20, 90;w=21600, 100;w=21600, upstream, 1, 1",
        "the moved tag,   20, 10;w=21600, 100;w=21600, stale,    1, 0",
        "the moved tag, 1500, 10;w=21600, 100;w=21600, upstream, 1, 1",
        "another tag,     20, 10;w=21600, 100;w=21600, upstream, 1, 1",
        "another digest,  20, 10;w=21600, 100;w=21600, upstream, 0, 1",
        "the list,        20, 10;w=21600, 100;w=21600, stale,    0, 0",
        // One that counts everything.
        "the tag,         20, 90,         100,         upstream, 1, 0",
        "another tag,     20, 10,         100,         upstream, 1, 1"
    })
    void asked(String what, int minutes, String left, String limit, String outcome, int heads, int gets)
            throws Exception {
        Image other = upstream.push("library/other", "v1", 50_000, 2);
        pulled(left, limit);
        clock.advance(Duration.ofMinutes(minutes));
        Image moved = what.equals("the moved tag") ? upstream.push("library/app", "v1", 50_000, 3) : old;
        if (minutes > 0) {
            // Hours later the window has given back what was short, unless the upstream says that it is short again.
            tell(left, limit);
        }
        upstream.forgetRequests();
        HttpResponse<byte[]> answer = cache.get(
                switch (what) {
                    case "another tag" -> "/v2/library/other/manifests/v1";
                    case "another digest" -> "/v2/library/other/manifests/" + other.manifest();
                    case "the list" -> "/v2/library/app/tags/list";
                    default -> "/v2/library/app/manifests/v1";
                });
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Larder-Outcome")).hasValue(outcome);
        if (what.endsWith("tag") && !what.startsWith("another")) {
            assertThat(answer.body()).isEqualTo((outcome.equals("stale") ? old : moved).manifestBytes());
        }
        await().untilAsserted(
                        () -> assertThat(upstream.count("HEAD", "/manifests/")).isEqualTo(heads));
        assertThat(upstream.count(seen -> seen.method().equals("GET"))).isEqualTo(gets);
    }

    /** By a pull of something that is nowhere near. */
    private void tell(String left, String limit) throws Exception {
        upstream.misbehave().rateLimit = limit;
        upstream.misbehave().rateLimitRemaining = left;
        upstream.push("library/teller", "v1", 1000, 9);
        assertThat(cache.get("/v2/library/teller/manifests/v1").statusCode()).isEqualTo(200);
    }

    @Test
    void oneThatCountsEverything_isNotEvenAskedByHead() throws Exception {
        pulled("10", "100");
        clock.advance(Duration.ofMinutes(20));
        tell("10", "100");
        upstream.push("library/app", "v1", 50_000, 3);
        upstream.forgetRequests();
        HttpResponse<byte[]> answer = cache.get("/v2/library/app/manifests/v1");
        assertThat(answer.headers().firstValue("Larder-Outcome")).hasValue("stale");
        assertThat(answer.headers().firstValue("Warning").orElse("")).startsWith("111");
        assertThat(answer.body()).isEqualTo(old.manifestBytes());
        assertThat(upstream.requests()).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        upstream.misbehave().rateLimitRemaining = "90";
        assertThat(cache.get("/v2/library/app/manifests/v1").headers().firstValue("Larder-Outcome"))
                .hasValue("upstream");
    }

    @Test
    void firstOfTwoThatKeepsItsRest_isStillAskedFirstForWhatIsNotHere() throws Exception {
        try (FakeRegistry next = new FakeRegistry()) {
            next.push("library/app", "v1", 50_000, 1);
            cache.reload(TestCache.yaml(folder, PATIENT, RULES, upstream, next));
            pulled("10", "100");
            clock.advance(Duration.ofMinutes(20));
            tell("10", "100");
            assertThat(cache.get("/v2/library/app/manifests/v1").statusCode()).isEqualTo(200);
            upstream.push("library/other", "v1", 50_000, 2);
            next.push("library/other", "v1", 50_000, 2);
            upstream.forgetRequests();
            next.forgetRequests();
            assertThat(cache.get("/v2/library/other/manifests/v1").statusCode()).isEqualTo(200);
            assertThat(upstream.count("GET", "/manifests/")).isEqualTo(1);
            assertThat(next.requests()).isEmpty();
        }
    }

    @Test
    void containerdsOwnOrder_headThenDigest_staysWithTheOldImage() throws Exception {
        pulled("10;w=21600", "100;w=21600");
        clock.advance(Duration.ofMinutes(20));
        tell("10;w=21600", "100;w=21600");
        upstream.push("library/app", "v1", 50_000, 3);
        upstream.forgetRequests();
        HttpResponse<byte[]> head = cache.head("/v2/library/app/manifests/v1");
        assertThat(head.headers().firstValue("Docker-Content-Digest"))
                .hasValue(old.manifest().toString());
        assertThat(cache.get("/v2/library/app/manifests/" + old.manifest()).body())
                .isEqualTo(old.manifestBytes());
        assertThat(upstream.count("GET", "/manifests/")).isZero();
        assertThat(cache.admin("/metrics"))
                .contains("larder_upstream_rate_limit_remaining{registry=\"registry.test\",upstream=\"127.0.0.1:"
                        + upstream.port() + "\"} 10.0")
                .contains("larder_upstream_rate_limit{registry=\"registry.test\",upstream=\"127.0.0.1:"
                        + upstream.port() + "\"} 100.0");
    }
}
