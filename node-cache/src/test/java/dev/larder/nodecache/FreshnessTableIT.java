package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeLogin;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.SettableClock;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The freshness rules, to the second, for tags and for lists alike: what a client gets that asks so long after the last
 * answer, what state the upstream is in, and what that costs upstream, token requests included.
 */
class FreshnessTableIT {

    private static final String DEFAULTS = "freshFor: 5m, staleWhileRevalidate: 1h, staleIfError: 168h";

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final SettableClock clock = new SettableClock();
    private final Map<String, String> digests = new HashMap<>();

    @SuppressWarnings("NullAway.Init") // each test starts it
    private TestCache cache;

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
    }

    private enum Upstream {
        WELL,
        MOVED,
        DELETED,
        DOWN,
        LOCKED
    }

    private void push(long seed) {
        digests.put(
                Long.toString(seed),
                upstream.push("library/app", "v1", 1000, seed).manifest().toString());
        // Seen in the tag list.
        upstream.push("library/app", "seed-" + seed, 1000, seed);
    }

    private void turn(Upstream state) {
        switch (state) {
            case WELL -> {}
            case MOVED -> push(2);
            case DELETED -> {
                upstream.deleteTag("library/app", "v1");
                upstream.deleteTag("library/app", "seed-1");
            }
            case DOWN -> upstream.misbehave().status = 503;
            case LOCKED -> upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        }
        upstream.forgetRequests();
    }

    private void start(String rules) {
        upstream.login().mode = FakeLogin.Mode.ANONYMOUS_TOKEN;
        push(1);
        cache = new TestCache(
                folder,
                TestCache.yaml(
                        folder,
                        "timeouts: {firstByteWarm: 5s, firstByteCold: 5s}",
                        "tags: [{pattern: \"*\", " + rules.replace("DEFAULTS", DEFAULTS) + "}]",
                        upstream),
                clock);
    }

    @ParameterizedTest(name = "{0}, {1} later, upstream {2}: {3} {4}")
    @CsvSource({
        // rule, age, upstream, status, outcome, warning, requests at once, what the tag then means
        "DEFAULTS, 0s, MOVED, 200, hit, '', 0, 1",
        "DEFAULTS, 299s, MOVED, 200, hit, '', 0, 1",
        "DEFAULTS, 299s, DOWN, 200, hit, '', 0, 1",
        "DEFAULTS, 299s, DELETED, 200, hit, '', 0, 1",
        "DEFAULTS, 299s, LOCKED, 200, hit, '', 0, 1",
        "DEFAULTS, 300s, WELL, 200, stale, 110, behind, 1",
        "DEFAULTS, 300s, MOVED, 200, stale, 110, behind, 2",
        "DEFAULTS, 300s, DOWN, 200, stale, 110, behind, 1",
        "DEFAULTS, 3899s, MOVED, 200, stale, 110, behind, 2",
        "DEFAULTS, 3900s, WELL, 200, upstream, '', 1, 1",
        "DEFAULTS, 3900s, MOVED, 200, upstream, '', 1, 2",
        "DEFAULTS, 3900s, DOWN, 200, stale, 111, 1, 1",
        "DEFAULTS, 3900s, DELETED, 404, refused, '', 1, -",
        "DEFAULTS, 3900s, LOCKED, 401, refused, '', 1, -",
        "DEFAULTS, 605099s, DOWN, 200, stale, 111, 1, 1",
        "DEFAULTS, 605100s, DOWN, 503, refused, '', 1, -",
        "'freshFor: 1m, staleWhileRevalidate: 0s', 60s, WELL, 200, upstream, '', 1, 1",
        "'freshFor: 1m, staleWhileRevalidate: 0s, staleIfError: 0s', 59s, DOWN, 200, hit, '', 0, 1",
        "'freshFor: 1m, staleWhileRevalidate: 0s, staleIfError: 0s', 60s, DOWN, 503, refused, '', 1, -",
        "'freshFor: 1m, staleWhileRevalidate: 30h', 107999s, MOVED, 200, stale, 110, behind, 2",
        "'freshFor: 48h', 172799s, MOVED, 200, hit, '', 0, 1",
        "'freshFor: 1m, staleIfError: 720h', 2592059s, DOWN, 200, stale, 111, 1, 1",
        "'freshFor: 1m, staleIfError: 720h', 2592060s, DOWN, 503, refused, '', 1, -",
        "'freshFor: 5m, staleWhileRevalidate: 0s, onDeletedUpstream: Serve', 300s, DELETED, 200, stale, 110, 1, 1",
        "'freshFor: 5m, staleWhileRevalidate: 0s, onDeletedUpstream: Serve', 605099s, DELETED, 200, stale, 110, 1, 1",
        "'freshFor: 5m, staleWhileRevalidate: 0s, onDeletedUpstream: Serve', 605100s, DELETED, 404, refused, '', 1, -",
    })
    void tagsAndLists(
            String rules,
            String age,
            Upstream state,
            int status,
            String outcome,
            String warning,
            String asked,
            String now)
            throws Exception {
        start(rules);
        cache.get("/v2/library/app/manifests/v1");
        cache.get("/v2/library/app/tags/list");
        clock.advance(Duration.parse("PT" + age));
        turn(state);
        expect(cache.get("/v2/library/app/manifests/v1"), age, status, outcome, warning);
        long forTheTag = upstream.requests().size();
        boolean listsGoOn = state != Upstream.DELETED;
        if (listsGoOn) {
            expect(cache.get("/v2/library/app/tags/list"), age, status, outcome, warning);
        }
        switch (asked) {
            case "0" -> assertThat(upstream.requests()).isEmpty();
            case "1" -> assertThat(forTheTag).isPositive();
            default ->
                await().untilAsserted(() ->
                        assertThat(upstream.count("HEAD", "/manifests/v1")).isPositive());
        }
        if (!now.equals("-")) {
            becomes(now, listsGoOn);
        }
    }

    @Test
    void refreshBehind_keepsNobodyWaiting_andIsOneRequest() throws Exception {
        start("DEFAULTS");
        cache.get("/v2/library/app/manifests/v1");
        cache.get("/v2/library/app/tags/list");
        clock.advance(Duration.ofMinutes(6));
        upstream.forgetRequests();
        upstream.misbehave().hang = true;
        for (int i = 0; i < 20; i++) {
            expect(cache.get("/v2/library/app/manifests/v1"), "360s", 200, "stale", "110");
            expect(cache.get("/v2/library/app/tags/list"), "360s", 200, "stale", "110");
        }
        await().untilAsserted(() -> assertThat(upstream.requests()).hasSize(2));
    }

    private static void expect(HttpResponse<byte[]> answer, String age, int status, String outcome, String warning) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Larder-Outcome")).hasValue(outcome);
        assertThat(answer.headers().firstValue("Warning").orElse("")).startsWith(warning);
        if (status == 200) {
            String expected = outcome.equals("upstream") ? "0" : age.replace("s", "");
            assertThat(answer.headers().firstValue("Age")).hasValue(expected);
        }
    }

    private void becomes(String seed, boolean listsToo) {
        String digest = Objects.requireNonNull(digests.get(seed));
        await().untilAsserted(() -> {
            HttpResponse<byte[]> head = cache.head("/v2/library/app/manifests/v1");
            assertThat(head.headers().firstValue("Docker-Content-Digest")).hasValue(digest);
            if (listsToo) {
                String list = new String(cache.get("/v2/library/app/tags/list").body(), StandardCharsets.UTF_8);
                assertThat(list.contains("seed-2")).isEqualTo(seed.equals("2"));
            }
        });
    }
}
