package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.BlobAnswer;
import dev.larder.nodecache.fake.FakeLogin;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.SettableClock;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gets what with {@code access: Exchange}, beside the flows of the registries people use (ExchangeFlowsIT). */
class ExchangeAccessIT {

    private static final int LAYER = 300_000;
    private static final String CHALLENGE = "Basic realm=\"" + TestCache.HOST + "\"";

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

    private void start(FakeLogin.Mode mode, String... more) {
        upstream.login().mode = mode;
        String perRegistry = "access: Exchange" + (more.length == 0 ? "" : "\n" + more[0]);
        running = new TestCache(folder, TestCache.yaml(folder, "", perRegistry, upstream), clock);
    }

    private static String basic(String user, String password) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    private List<HttpResponse<byte[]>> pull(String... headers) throws Exception {
        return List.of(
                cache().head("/v2/library/app/manifests/v1", headers),
                cache().get("/v2/library/app/manifests/" + image.manifest(), headers),
                layer(headers));
    }

    private HttpResponse<byte[]> layer(String... headers) throws Exception {
        return cache().get("/v2/library/app/blobs/" + image.layer(), headers);
    }

    private void allAre(int status, List<HttpResponse<byte[]>> answers) {
        assertThat(answers).as("%s", upstream.requests()).allSatisfy(answer -> assertThat(answer.statusCode())
                .isEqualTo(status));
    }

    private void stored() {
        await().until(() -> cache().stored("blobs").contains(image.layer().hex()));
    }

    private long withAnyLogin() {
        return upstream.count(seen -> seen.header("authorization") != null
                && !String.valueOf(seen.header("authorization")).contains("anonymous"));
    }

    @Test
    void publicImage_needsNoChallenge_whateverIsShown() throws Exception {
        start(FakeLogin.Mode.ANONYMOUS_TOKEN);
        allAre(200, pull("Authorization", basic("nobody", "knows")));
        allAre(200, pull("Authorization", "Bearer something"));
        allAre(200, pull());
        assertThat(withAnyLogin()).isZero();
    }

    @Test
    void tokenOrNonsense_isAskedForALoginInstead_andGoesNowhere() throws Exception {
        start(FakeLogin.Mode.USER_TOKEN);
        for (String shown : List.of(upstream.login().userToken(), "Basic", "Basic !!!", "Basic " + "YWI=", "x")) {
            List<HttpResponse<byte[]>> answers = pull("Authorization", shown);
            allAre(401, answers);
            assertThat(answers.getFirst().headers().allValues("WWW-Authenticate"))
                    .containsExactly(CHALLENGE);
        }
        assertThat(withAnyLogin()).isZero();
    }

    @Test
    void wrongPassword_isToldSo_inWordsThatAPersonUnderstands() throws Exception {
        start(FakeLogin.Mode.USER_TOKEN);
        HttpResponse<byte[]> answer = layer("Authorization", basic(FakeLogin.USER, "wrong"));
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("refused this login", "password");
        assertThat(new String(layer().body(), StandardCharsets.UTF_8)).contains("wants credentials");
    }

    @Test
    void knownDigest_opensNothingThroughAnotherRepository() throws Exception {
        upstream.push("library/other", "v1", LAYER, 1); // the same content
        upstream.login().onlyRepository = "library/app";
        start(FakeLogin.Mode.USER_TOKEN);
        allAre(200, pull("Authorization", FakeLogin.basic()));
        stored();
        for (String path : List.of("manifests/v1", "manifests/" + image.manifest(), "blobs/" + image.layer())) {
            HttpResponse<byte[]> answer = cache().get("/v2/library/other/" + path, "Authorization", FakeLogin.basic());
            assertThat(answer.statusCode()).isEqualTo(403);
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).startsWith("{\"errors\"");
        }
        // Which says nothing against the login where it was good.
        upstream.forgetRequests();
        allAre(200, pull("Authorization", FakeLogin.basic()));
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void refusal_endsTheVerdictAtOnce() throws Exception {
        start(FakeLogin.Mode.USER_TOKEN);
        allAre(200, pull("Authorization", FakeLogin.basic()));
        stored();
        upstream.login().newUserToken();
        upstream.login().onlyRepository = "nowhere";
        // Not here yet, so it is asked for.
        assertThat(cache().get("/v2/library/app/blobs/" + image.config(), "Authorization", FakeLogin.basic())
                        .statusCode())
                .isEqualTo(403);
        allAre(403, pull("Authorization", FakeLogin.basic()));
        upstream.login().onlyRepository = "";
        clock.advance(Duration.ofSeconds(60));
        allAre(200, pull("Authorization", FakeLogin.basic()));
    }

    @Test
    void operatorsLogin_isForNobodyHere() throws Exception {
        Path secret = Files.createDirectories(folder.resolve("secret"));
        Files.writeString(secret.resolve("username"), FakeLogin.USER);
        Files.writeString(secret.resolve("password"), FakeLogin.PASSWORD);
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        String url = "{url: \"" + upstream.url() + "\"";
        String yaml = TestCache.yaml(folder, "", "access: Exchange", upstream)
                .replace(url, url + ", credentialsFile: " + secret);
        running = new TestCache(folder, yaml, clock);
        allAre(401, pull());
        allAre(401, pull("Authorization", basic("stranger", "x")));
        assertThat(upstream.count(seen -> FakeLogin.basic().equals(seen.header("authorization"))))
                .isZero();
        allAre(200, pull("Authorization", FakeLogin.basic()));
        allAre(401, pull());
        assertThat(cache().admin("/status")).contains("\"credentials\" : \"Unknown\"");
    }

    @Test
    void foreignTokenServer_getsNoLogin() throws Exception {
        upstream.login().realm = "http://localhost:" + other.port() + "/token";
        start(FakeLogin.Mode.USER_TOKEN);
        HttpResponse<byte[]> answer = layer("Authorization", FakeLogin.basic());
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("token server");
        assertThat(other.count(seen -> seen.header("authorization") != null)).isZero();
        assertThat(other.count("POST", "")).isZero();
    }

    @Test
    void secondUpstreamThatIsClosedToo_seesNoLogin_andEndsNoVerdictWhileTheFirstIsDown() throws Exception {
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        other.push("library/app", "v1", LAYER, 1);
        other.login().mode = FakeLogin.Mode.USER_BASIC;
        running = new TestCache(folder, TestCache.yaml(folder, "", "access: Exchange", upstream, other), clock);
        allAre(200, pull("Authorization", FakeLogin.basic()));
        stored();
        clock.advance(Duration.ofMinutes(15));
        upstream.close();
        allAre(200, pull("Authorization", FakeLogin.basic()));
        allAre(503, pull("Authorization", basic("stranger", "x")));
        assertThat(other.count(seen -> seen.header("authorization") != null)).isZero();
    }

    @Test
    void refreshBehind_asksAsWhoeverCausedIt() throws Exception {
        start(FakeLogin.Mode.USER_TOKEN, "tags: [{pattern: \"*\", freshFor: 1m, staleWhileRevalidate: 1h}]");
        allAre(200, pull("Authorization", FakeLogin.basic()));
        stored();
        clock.advance(Duration.ofMinutes(2));
        upstream.forgetRequests();
        HttpResponse<byte[]> stale = cache().head("/v2/library/app/manifests/v1", "Authorization", FakeLogin.basic());
        assertThat(stale.headers().firstValue("Larder-Outcome")).hasValue("stale");
        await().untilAsserted(() -> assertThat(upstream.requests()).last().satisfies(seen -> assertThat(
                        seen.header("authorization"))
                .isEqualTo(upstream.login().userToken())));
    }

    @Test
    void download_goesOnWithTheLoginThatBeganIt_whenTheClientHasGoneAndTheTokenIsOver() throws Exception {
        start(FakeLogin.Mode.USER_TOKEN);
        upstream.misbehave().answerBlobs(BlobAnswer.cutAfter(LAYER / 2).pausing(500), BlobAnswer.right());
        HttpResponse<InputStream> began =
                cache().open("/v2/library/app/blobs/" + image.layer(), "Authorization", FakeLogin.basic());
        assertThat(began.statusCode()).isEqualTo(200);
        began.body().close();
        upstream.login().newUserToken();
        stored();
        assertThat(upstream.requests())
                .anyMatch(seen -> upstream.login().userToken().equals(seen.header("authorization"))
                        && seen.header("range") != null);
        allAre(200, pull("Authorization", FakeLogin.basic()));
    }

    @Test
    void anothersRefusal_isNobodyElses_whenBothWaitForOneDownload() throws Exception {
        start(FakeLogin.Mode.USER_BASIC);
        cache().head("/v2/library/app/manifests/v1", "Authorization", FakeLogin.basic());
        for (int i = 0; i < 20; i++) {
            String wrong = basic("stranger-" + i, "x");
            Thread stranger = Thread.ofVirtual().start(() -> {
                try {
                    layer("Authorization", wrong);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(layer("Authorization", FakeLogin.basic()).statusCode()).isEqualTo(200);
            stranger.join();
        }
    }

    @Test
    void whatIsKept_isForItsOwnerOnly_andAnyDamageMeansNothingIsKnown() throws Exception {
        start(FakeLogin.Mode.USER_BASIC);
        allAre(200, pull("Authorization", FakeLogin.basic()));
        stored();
        cache().restart();
        upstream.forgetRequests();
        allAre(200, pull("Authorization", FakeLogin.basic()));
        allAre(401, pull());
        assertThat(upstream.requests()).isEmpty();
        cache().close();
        for (String name : List.of("verdicts", "identity.key")) {
            Path file = folder.resolve("store/v1").resolve(name);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            byte[] good = Files.readAllBytes(file);
            byte[] bad = good.clone();
            bad[bad.length / 2] ^= 1;
            Files.write(file, bad);
            cache().restart();
            upstream.forgetRequests();
            allAre(200, pull("Authorization", FakeLogin.basic()));
            assertThat(upstream.requests()).as(name).isNotEmpty();
            cache().close();
        }
    }
}
