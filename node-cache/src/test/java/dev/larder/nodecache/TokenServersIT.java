package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.fake.login.Asked;
import dev.larder.nodecache.fake.login.Internet;
import dev.larder.nodecache.fake.login.Login;
import dev.larder.nodecache.fake.login.LoginSimulator;
import dev.larder.nodecache.fake.login.Reply;
import dev.larder.nodecache.fake.login.Simulators;
import dev.larder.nodecache.fake.login.Site;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What token servers answer, right, odd and wrong, and what comes of it. */
class TokenServersIT {

    @TempDir
    Path folder;

    private final Internet internet = new Internet();
    private final LoginSimulator registry = Simulators.REGISTRY_TOKEN_SERVER.in(internet);

    @AfterEach
    void stop() {
        internet.close();
    }

    private LoginCache shared() {
        return LoginCache.shared(folder, registry, registry.accounts().login());
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "{'access_token':'T'}",
                "{'token':'','access_token':'T'}",
                "{'token':null,'access_token':'T','expires_in':null,'issued_at':null,'refresh_token':'r'}",
                "{'token':'T','access_token':'something else'}",
                "{'token':'T','expires_in':0}",
                "{'token':'T','expires_in':-7}",
                "{'token':'T','expires_in':'300'}",
                "{'token':'T','expires_in':'soon'}",
                "{'token':'T','expires_in':1e300}",
                "{'token':'T','expires_in':99999999999999999999999}",
                "{'token':'T','expires_in':299.5}",
                "{'token':'T','expires_in':300,'issued_at':'1970-01-01T00:00:00Z'}",
                "{'token':'T','expires_in':300,'issued_at':'tomorrow'}",
            })
    void oddAnswer_isUnderstood(String body) throws Exception {
        registry.answerTokensWith(token -> body.replace('\'', '"').replace("T", token));
        try (LoginCache cache = shared()) {
            assertThat(LoginCache.statuses(cache.pullClosed())).containsOnly(200);
        }
        assertThat(registry.tokenRequests()).hasSize(1);
    }

    private static Arguments wrong(String name, int status, Reply reply) {
        return Arguments.of(name, status, (UnaryOperator<Site>) before -> asked -> reply);
    }

    static Stream<Arguments> wrongAnswers() {
        return Stream.of(
                wrong("a page", 502, Reply.of(200, "text/html", "<html>log in here</html>")),
                wrong("nothing", 502, Reply.json(200, "")),
                wrong("a list", 502, Reply.json(200, "[]")),
                wrong("no token", 502, Reply.json(200, "{\"expires_in\":300}")),
                wrong("a number", 502, Reply.json(200, "{\"token\":7}")),
                wrong("a token with a line end", 502, Reply.json(200, "{\"token\":\"a\\r\\nX-Evil: b\"}")),
                wrong("a token beyond ASCII", 502, Reply.json(200, "{\"token\":\"é\"}")),
                wrong("a huge body", 502, Reply.json(200, "{\"token\":\"" + "a".repeat(1 << 20) + "\"}")),
                wrong("500", 503, Reply.json(500, "{}")),
                wrong("429", 503, Reply.json(429, "{}")),
                wrong("another host by redirect", 502, Reply.redirect(307, "https://evil.example.org/token")),
                wrong("http by redirect", 502, Reply.redirect(307, "http://auth.example.com/token")),
                wrong("a redirect in a circle", 403, Reply.redirect(307, "/token")));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("wrongAnswers")
    void wrongAnswer_failsTheRequest_andGivesTheLoginToNobodyElse(String name, int status, UnaryOperator<Site> change)
            throws Exception {
        registry.changeTokenServer(change);
        String tag = "/v2/" + registry.closedRepository() + "/manifests/" + LoginSimulator.TAG + "?ns="
                + registry.place().imageHost();
        try (LoginCache cache = shared()) {
            assertThat(cache.cache().get(tag).statusCode()).isEqualTo(status);
        }
        assertThat(internet.asked("evil.example.org")).isEmpty();
        assertThat(internet.asked()).extracting(Asked::scheme).containsOnly("https");
        assertThat(internet.asked())
                .noneSatisfy(asked -> assertThat(asked.headers()).containsKey("x-evil"));
    }

    @Test
    void serverThatSaysNothing_failsTheRequestInTime() throws Exception {
        registry.changeTokenServer(before -> asked -> Reply.hang());
        Login login = registry.accounts().login();
        try (LoginCache cache = LoginCache.hasty(folder, registry, login)) {
            long began = System.nanoTime();
            assertThat(LoginCache.statuses(cache.resolve("acme/closed", registry.closedImage())))
                    .containsOnly(503);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(15));
        }
    }

    @ParameterizedTest(name = "GET answers {0}: a password is posted")
    @ValueSource(ints = {404, 405})
    void serverWithoutGet_isAskedByPost(int status) throws Exception {
        registry.changeTokenServer(before -> asked ->
                asked.method().equals("GET") ? Reply.error(status, "UNSUPPORTED", "POST only") : before.answer(asked));
        try (LoginCache cache = shared()) {
            assertThat(LoginCache.statuses(cache.pullClosed())).containsOnly(200);
            assertThat(cache.credentials()).isEqualTo("Valid");
        }
        assertThat(registry.tokenRequests()).extracting(Asked::method).containsExactly("GET", "POST");
        Asked post = registry.tokenRequests().getLast();
        assertThat(post.first("grant_type")).isEqualTo("password");
        assertThat(post.first("scope")).isEqualTo("repository:acme/closed:pull");
        assertThat(post.first("client_id")).isNotEmpty();
        assertThat(post.authorization()).isEmpty();
    }

    @ParameterizedTest(name = "{0} takes a refresh token")
    @ValueSource(strings = {"ACR", "REGISTRY_TOKEN_SERVER"})
    void identityToken_isPosted(String which) throws Exception {
        LoginSimulator refreshing = Simulators.valueOf(which).in(internet);
        Login login = refreshing.accounts().login();
        try (LoginCache cache = LoginCache.shared(folder, refreshing, login)) {
            cache.secret("{\"auths\":{\"" + refreshing.place().url().getHost()
                    + "\":{\"auth\":\"\",\"identitytoken\":\"" + login.password() + "\"}}}");
            assertThat(LoginCache.statuses(cache.pullClosed())).containsOnly(200);
            assertThat(cache.credentials()).isEqualTo("Valid");
        }
        assertThat(refreshing.tokenRequests()).singleElement().satisfies(asked -> {
            assertThat(asked.method()).isEqualTo("POST");
            assertThat(asked.first("grant_type")).isEqualTo("refresh_token");
        });
    }

    @Test
    void redirectOnTheSameHost_isFollowedWithTheLogin() throws Exception {
        Site server = internet.at("auth.example.com");
        internet.put("auth.example.com", asked -> {
            String scope = asked.first("scope");
            return asked.path().equals("/token")
                    ? Reply.redirect(308, "/token/?service=registry.example.com&scope=" + scope)
                    : server.answer(asked.at("/token"));
        });
        try (LoginCache cache = shared()) {
            assertThat(LoginCache.statuses(cache.pullClosed())).containsOnly(200);
        }
    }

    @ParameterizedTest(name = "{0}: asked for again after {1} s")
    @CsvSource({"expires_in:300, 290", "nothing:0, 50", "expires_in:5, 50", "expires_in:1e12, 3590"})
    void token_isUsedUntilShortlyBeforeItsEnd(String life, int seconds) throws Exception {
        registry.answerTokensWith(token -> "{\"token\":\"" + token + "\",\"" + life.replace(":", "\":") + "}");
        SettableClock clock = new SettableClock();
        String config = "/v2/acme/closed/blobs/" + registry.closedImage().config() + "?ns="
                + registry.place().imageHost();
        try (LoginCache cache =
                LoginCache.shared(folder, registry, registry.accounts().login(), clock)) {
            assertThat(cache.cache().head(config).statusCode()).isEqualTo(200);
            clock.advance(Duration.ofSeconds(seconds - 1));
            assertThat(cache.cache().head(config).statusCode()).isEqualTo(200);
            assertThat(registry.tokenRequests()).hasSize(1);
            clock.advance(Duration.ofSeconds(2));
            assertThat(cache.cache().head(config).statusCode()).isEqualTo(200);
            assertThat(registry.tokenRequests()).hasSize(2);
        }
    }

    @Test
    void wrongLogin_isNotTriedAgainAndAgain_butARightedOneAtOnce() throws Exception {
        try (LoginCache cache = LoginCache.shared(folder, registry, registry.wrongLogin())) {
            for (int i = 0; i < 5; i++) {
                assertThat(LoginCache.statuses(cache.pullClosed())).containsOnly(403);
            }
            assertThat(registry.tokenRequests().stream()
                            .filter(asked -> !asked.authorization().isEmpty()))
                    .hasSize(1);
            cache.secret(registry.accounts().login().dockerConfig("registry.example.com"));
            assertThat(LoginCache.statuses(cache.pullClosed())).containsOnly(200);
            assertThat(cache.credentials()).isEqualTo("Valid");
        }
    }

    @Test
    void loginThatIsGoodElsewhere_isNoInvalidOneWhereItMayNot() throws Exception {
        registry.images().push("other/team", LoginSimulator.TAG, 1000, 3);
        Site before = internet.at("registry.example.com");
        internet.put(
                "registry.example.com",
                asked -> asked.path().startsWith("/v2/other/")
                        ? Reply.challenge(
                                "Bearer realm=\"https://auth.example.com/token\",service=\"registry.example.com\","
                                        + "scope=\"repository:other/team:pull\",error=\"insufficient_scope\"")
                        : before.answer(asked));
        try (LoginCache cache = shared()) {
            assertThat(LoginCache.statuses(cache.pullClosed())).containsOnly(200);
            assertThat(cache.cache()
                            .head("/v2/other/team/manifests/v1?ns=registry.example.com")
                            .statusCode())
                    .isEqualTo(403);
            assertThat(cache.credentials()).isEqualTo("Valid");
        }
    }
}
