package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeLogin;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.SelfSigned;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.fake.TokenMaker;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets what, and which credentials go where. */
class AccessIT {

    private static final int LAYER = 300_000;

    @TempDir
    Path folder;

    private final SettableClock clock = new SettableClock();
    private final FakeRegistry upstream = new FakeRegistry();
    private final FakeRegistry other = new FakeRegistry();
    private final Image image = upstream.push("library/app", "v1", LAYER, 1);
    private @Nullable TestCache running;

    private TestCache cache() {
        return Objects.requireNonNull(running);
    }

    @AfterEach
    void stop() {
        cache().close();
        upstream.close();
        other.close();
    }

    private TestCache relay() {
        running = new TestCache(folder, TestCache.yaml(folder, "", "", upstream), clock);
        return cache();
    }

    private TestCache with(String access, String credentials) throws Exception {
        Path own = folder.resolve(access + upstream.login().mode);
        Path secret = Files.createDirectories(own.resolve("secret"));
        Files.writeString(secret.resolve("username"), FakeLogin.USER + "\n");
        Files.writeString(secret.resolve("password"), FakeLogin.PASSWORD + "\n");
        String yaml = TestCache.yaml(own, "", "access: " + access, upstream);
        String url = "{url: \"" + upstream.url() + "\"";
        running = new TestCache(
                own, credentials.isEmpty() ? yaml : yaml.replace(url, url + ", credentialsFile: " + secret));
        return cache();
    }

    private List<HttpResponse<byte[]>> pull(String... headers) throws Exception {
        return List.of(
                cache().head("/v2/library/app/manifests/v1", headers),
                cache().get("/v2/library/app/manifests/v1", headers),
                cache().get("/v2/library/app/manifests/" + image.manifest(), headers),
                cache().get("/v2/library/app/blobs/" + image.layer(), headers));
    }

    private void allAre(int status, List<HttpResponse<byte[]>> answers) {
        assertThat(answers).allSatisfy(answer -> assertThat(answer.statusCode()).isEqualTo(status));
    }

    private void stored() {
        await().until(() -> cache().stored("blobs").contains(image.layer().hex()));
    }

    @Test
    void publicHub_isPulledWithOneAnonymousToken_andNoRequestAtAllWhenWarm() throws Exception {
        upstream.login().mode = FakeLogin.Mode.ANONYMOUS_TOKEN;
        relay();
        allAre(200, pull());
        assertThat(upstream.count("GET", "/token")).isEqualTo(1);
        stored();
        upstream.forgetRequests();
        allAre(200, pull());
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void privateImage_isChallengedAsTheUpstreamDoes_andServedOnlyToWhoMayPullIt() throws Exception {
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        relay();
        List<HttpResponse<byte[]>> refused = pull();
        allAre(401, refused);
        assertThat(refused.getFirst().headers().firstValue("WWW-Authenticate"))
                .hasValue("Bearer realm=\"" + upstream.url()
                        + "/token\",service=fake.registry,scope=\"repository:library/app:pull\"");
        allAre(200, pull("Authorization", upstream.login().userToken()));
        stored();
        allAre(401, pull());
        allAre(401, pull("Authorization", "Bearer forged"));
    }

    @Test
    void privateImage_costsNoRequestAtAllWhileTheTokenIsGood() throws Exception {
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        relay();
        allAre(401, pull());
        allAre(200, pull("Authorization", upstream.login().userToken()));
        stored();
        upstream.forgetRequests();
        allAre(401, pull());
        List<HttpResponse<byte[]>> again =
                pull("Authorization", upstream.login().userToken());
        allAre(200, again);
        assertThat(again.getLast().body()).isEqualTo(image.layerBytes());
        assertThat(upstream.requests()).isEmpty();
        clock.advance(Duration.ofSeconds(61)); // what a token lasts that does not say so
        String revoked = upstream.login().userToken();
        upstream.login().newUserToken();
        allAre(401, pull("Authorization", revoked));
    }

    @Test
    void tokenThatSaysWhenItExpires_isGoodUntilThen() throws Exception {
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        upstream.login().newUserToken(clock.instant().plus(Duration.ofMinutes(10)));
        relay();
        allAre(200, pull("Authorization", upstream.login().userToken()));
        stored();
        upstream.forgetRequests();
        clock.advance(Duration.ofMinutes(9));
        assertThat(cache().get(
                                "/v2/library/app/blobs/" + image.layer(),
                                "Authorization",
                                upstream.login().userToken())
                        .statusCode())
                .isEqualTo(200);
        assertThat(upstream.requests()).isEmpty();
        clock.advance(Duration.ofMinutes(1));
        allAre(200, pull("Authorization", upstream.login().userToken()));
        assertThat(upstream.requests()).isNotEmpty();
    }

    @Test
    void newTokenOfAnIssuerThatTheUpstreamTrusts_needsNoRequest_alsoWhileTheUpstreamIsDown() throws Exception {
        TokenMaker issuer = new TokenMaker(SelfSigned.make(folder, "issuer"));
        TokenMaker forger = new TokenMaker(SelfSigned.make(folder, "forger"));
        Instant expires = clock.instant().plus(Duration.ofMinutes(5));
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        upstream.login().newUserToken(issuer.token("library/app", expires));
        relay();
        allAre(401, pull());
        allAre(200, pull("Authorization", upstream.login().userToken()));
        stored();
        upstream.forgetRequests();
        allAre(200, pull("Authorization", "Bearer " + issuer.token("library/app", expires)));
        assertThat(upstream.requests()).isEmpty();
        allAre(401, pull("Authorization", "Bearer " + issuer.token("library/other", expires)));
        allAre(401, pull("Authorization", "Bearer " + forger.token("library/app", expires)));
        upstream.close();
        allAre(200, pull("Authorization", "Bearer " + issuer.token("library/app", expires)));
        allAre(503, pull("Authorization", "Bearer " + issuer.token("library/other", expires)));
        allAre(503, pull("Authorization", "Bearer " + forger.token("library/app", expires)));
    }

    @Test
    void verdict_isForTheRepositoryItWasGivenFor() throws Exception {
        upstream.push("library/other", "v1", LAYER, 1); // the same content
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        upstream.login().onlyRepository = "library/app";
        relay();
        allAre(200, pull("Authorization", upstream.login().userToken()));
        stored();
        for (String path : List.of("manifests/v1", "manifests/" + image.manifest(), "blobs/" + image.layer())) {
            HttpResponse<byte[]> answer = cache().get(
                            "/v2/library/other/" + path,
                            "Authorization",
                            upstream.login().userToken());
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).startsWith("{\"errors\"");
        }
    }

    @Test
    void upstreamThatCannotBeAsked_leavesTheImageToWhomItKnows() throws Exception {
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        relay();
        allAre(401, pull());
        allAre(200, pull("Authorization", upstream.login().userToken()));
        stored();
        upstream.close();
        allAre(200, pull("Authorization", upstream.login().userToken()));
        allAre(503, pull("Authorization", "Bearer forged"));
        allAre(401, pull());
        clock.advance(Duration.ofSeconds(61));
        allAre(503, pull("Authorization", upstream.login().userToken()));
    }

    @Test
    void repositoryThatTurnsPrivate_isAskedForAgainOnceAnyoneIsRefused() throws Exception {
        relay();
        allAre(200, pull());
        stored();
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        // Something that is not here yet is refused upstream, which is how the change is noticed.
        assertThat(cache().get("/v2/library/app/blobs/" + image.config()).statusCode())
                .isEqualTo(401);
        allAre(401, pull());
    }

    @Test
    void sharedLogin_servesEveryone() throws Exception {
        for (FakeLogin.Mode mode : List.of(FakeLogin.Mode.USER_TOKEN, FakeLogin.Mode.USER_BASIC)) {
            upstream.login().mode = mode;
            with("Shared", "yes");
            allAre(200, pull());
            assertThat(cache().admin("/status")).contains("\"credentials\" : \"Valid\"");
            cache().close();
        }
    }

    @Test
    void sharedLogin_isNotSentToAForeignTokenServer() throws Exception {
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        upstream.login().realm = "http://localhost:" + other.port() + "/token";
        with("Shared", "yes");
        allAre(403, pull());
        assertThat(other.count(seen -> seen.header("authorization") != null)).isZero();
        assertThat(other.count("POST", "")).isZero();
        assertThat(cache().admin("/status")).contains("\"credentials\" : \"Invalid\"");
        assertThat(cache().admin("/metrics"))
                .containsPattern("larder_upstream_credentials_refused\\{registry=\"registry.test\",[^}]*} 1.0");
    }

    @Test
    void anonymousAccess_neitherTakesNorAsksForCredentials() throws Exception {
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        with("Anonymous", "");
        allAre(403, pull("Authorization", upstream.login().userToken()));
        assertThat(upstream.count(seen -> seen.header("authorization") != null)).isZero();
    }

    @Test
    void redirectToAnotherHost_losesTheAuthorization_andKeepsTheRange() throws Exception {
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        other.push("library/app", "v1", LAYER, 1);
        upstream.misbehave().redirectTo = other.url();
        other.misbehave().cuts.set(1);
        other.misbehave().cutAfter = LAYER / 2;
        relay();
        HttpResponse<byte[]> answer = cache().get(
                        "/v2/library/app/blobs/" + image.layer(),
                        "Authorization",
                        upstream.login().userToken());
        assertThat(answer.body()).isEqualTo(image.layerBytes());
        assertThat(other.requests()).hasSize(2);
        assertThat(other.count(seen -> seen.header("authorization") != null)).isZero();
        assertThat(other.requests().getLast().header("range")).startsWith("bytes=");
    }

    @Test
    void clientsToken_goesOnlyToTheUpstreamThatAskedForIt() throws Exception {
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        running = TestCache.of(folder, other, upstream);
        allAre(200, pull("Authorization", upstream.login().userToken()));
        assertThat(other.count(seen -> seen.header("authorization") != null)).isZero();
    }

    @Test
    void repositoryRules_areKeptForBlobsToo() throws Exception {
        running = new TestCache(
                folder,
                TestCache.yaml(folder, "", "repositories: {allow: [\"team/*\"], deny: [\"team/x*\"]}", upstream));
        allAre(404, pull());
        assertThat(cache().get("/v2/team/xy/tags/list").statusCode()).isEqualTo(404);
        assertThat(upstream.requests()).isEmpty();
        upstream.push("team/app", "v1", LAYER, 1);
        assertThat(cache().get("/v2/team/app/manifests/v1").statusCode()).isEqualTo(200);
    }
}
