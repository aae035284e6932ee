package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeLogin;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.SettableClock;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is remembered of an upstream that fails, and what is no failure. */
class HealthMemoryIT {

    private static final int MANY = 12;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final FakeRegistry next = new FakeRegistry();
    private final SettableClock clock = new SettableClock();
    private TestCache cache;

    @BeforeEach
    void start() {
        for (FakeRegistry registry : new FakeRegistry[] {upstream, next}) {
            for (int i = 0; i < MANY; i++) {
                registry.push("library/app" + i, "v1", 1000, i);
            }
        }
        cache = new TestCache(folder, TestCache.yaml(folder, "", "", upstream), clock);
    }

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
        next.close();
    }

    private HttpResponse<byte[]> pull(int i, String... headers) throws Exception {
        return cache.get("/v2/library/app" + i + "/manifests/v1", headers);
    }

    private static String text(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8);
    }

    @Test
    void failing_isLeftAlone_probedWithGrowingPauses_andTakenBack() throws Exception {
        upstream.misbehave().status = 500;
        for (int i = 0; i < 3; i++) {
            assertThat(pull(i).statusCode()).isEqualTo(503);
        }
        upstream.forgetRequests();
        for (int pause : new int[] {1, 2, 4}) {
            assertThat(text(pull(4))).contains("left alone for a moment");
            assertThat(upstream.requests()).isEmpty();
            clock.advance(Duration.ofSeconds(pause));
            assertThat(pull(4).statusCode()).isEqualTo(503);
            assertThat(upstream.requests()).hasSize(1);
            upstream.forgetRequests();
        }
        assertThat(cache.admin("/status")).contains("\"state\" : \"Down\"");
        upstream.behave();
        assertThat(pull(4).statusCode()).isEqualTo(503);
        clock.advance(Duration.ofSeconds(8));
        assertThat(pull(4).statusCode()).isEqualTo(200);
        assertThat(pull(5).statusCode()).isEqualTo(200);
        assertThat(cache.admin("/status")).contains("\"state\" : \"Up\"");
    }

    @Test
    void firstOfTwo_isAskedLastWhileItFails_andFirstAgainAfterwards() throws Exception {
        cache.reload(TestCache.yaml(folder, "", "", upstream, next));
        upstream.misbehave().status = 503;
        assertThat(pull(0).statusCode()).isEqualTo(200);
        upstream.forgetRequests();
        assertThat(pull(1).statusCode()).isEqualTo(200);
        assertThat(upstream.requests()).isEmpty();
        upstream.behave();
        clock.advance(Duration.ofSeconds(2));
        next.forgetRequests();
        assertThat(pull(2).statusCode()).isEqualTo(200);
        assertThat(pull(3).statusCode()).isEqualTo(200);
        assertThat(next.requests()).isEmpty();
    }

    @Test
    void challenges_areAnswers_howeverMany() throws Exception {
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        for (int i = 0; i < MANY; i++) {
            assertThat(pull(i).statusCode()).isEqualTo(401);
        }
        assertThat(cache.admin("/status")).contains("\"state\" : \"Up\"");
        assertThat(pull(0, "Authorization", upstream.login().userToken()).statusCode())
                .isEqualTo(200);
    }

    @Test
    void tokenServerThatFails_isNamed_andLeftAlone_whileWhoHasATokenGoesOn() throws Exception {
        upstream.login().mode = FakeLogin.Mode.ANONYMOUS_TOKEN;
        assertThat(pull(0).statusCode()).isEqualTo(200);
        upstream.login().tokenStatus = 500;
        for (int i = 1; i < 7; i++) {
            HttpResponse<byte[]> answer = pull(i);
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(text(answer)).contains("the token server 127.0.0.1:" + upstream.port());
        }
        assertThat(upstream.count("GET", "/token")).isEqualTo(1 + 3);
        assertThat(cache.admin("/status"))
                .contains("\"state\" : \"Up\"", "\"lastError\" : \"the token server 127.0.0.1:" + upstream.port());
        // Its own token is still good, and a client's own is too.
        assertThat(cache.get("/v2/library/app0/tags/list").statusCode()).isEqualTo(200);
        assertThat(pull(8, "Authorization", upstream.login().userToken()).statusCode())
                .isEqualTo(200);
        upstream.behave();
        upstream.login().mode = FakeLogin.Mode.ANONYMOUS_TOKEN;
        clock.advance(Duration.ofSeconds(1));
        assertThat(pull(9).statusCode()).isEqualTo(200);
    }
}
