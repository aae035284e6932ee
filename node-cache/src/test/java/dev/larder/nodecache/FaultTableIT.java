package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.FakeLogin;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.Misbehaviour;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What a client gets for each thing an upstream can do wrong: an answer that sends containerd to its next host at once, or
 * a body that ends early, never wrong bytes, a hang, 429 or a redirect. Nothing unverified is kept, and once the fault is
 * over the same pull works.
 */
class FaultTableIT {

    private static final int LAYER = 1_000_000;
    private static final String QUICK = "timeouts: {connect: 1s, firstByteWarm: 300ms, firstByteCold: 3s, idle: 500ms}";

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private TestCache cache;
    private Image image;

    @BeforeEach
    void start() {
        image = upstream.push("library/app", "v1", LAYER, 1);
        cache = new TestCache(folder, TestCache.yaml(folder, QUICK, "", upstream));
    }

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
    }

    private static Arguments row(String fault, Consumer<Misbehaviour> wrong, int manifest, int blob, String code) {
        return Arguments.of(fault, (Consumer<FakeRegistry>) r -> wrong.accept(r.misbehave()), manifest, blob, code);
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                row("hangs", m -> m.hang = true, 503, 503, "UNAVAILABLE"),
                row("answers 400", m -> m.status = 400, 502, 502, "UNAVAILABLE"),
                row("answers 403", m -> m.status = 403, 403, 403, "DENIED"),
                row("answers 404", m -> m.status = 404, 404, 404, "_UNKNOWN"),
                row("answers 429", m -> m.status = 429, 503, 503, "TOOMANYREQUESTS"),
                row("answers 500", m -> m.status = 500, 503, 503, "UNAVAILABLE"),
                row("answers 502", m -> m.status = 502, 503, 503, "UNAVAILABLE"),
                row("answers 503", m -> m.status = 503, 503, 503, "UNAVAILABLE"),
                row("answers 304", m -> m.status = 304, 502, 502, "UNAVAILABLE"),
                row("redirects in a circle", m -> m.redirectLoop = true, 200, 502, "UNAVAILABLE"),
                row("redirects to another scheme", m -> m.redirectTo = "ftp://x", 200, 502, "UNAVAILABLE"),
                Arguments.of(
                        "wants credentials",
                        (Consumer<FakeRegistry>) r -> r.login().mode = FakeLogin.Mode.USER_TOKEN,
                        401,
                        401,
                        "UNAUTHORIZED"),
                Arguments.of(
                        "has a token server that fails",
                        (Consumer<FakeRegistry>) r -> {
                            r.login().mode = FakeLogin.Mode.ANONYMOUS_TOKEN;
                            r.login().tokenStatus = 500;
                        },
                        503,
                        503,
                        "UNAVAILABLE"));
    }

    @ParameterizedTest(name = "upstream {0}: manifest {2}, blob {3}")
    @MethodSource("answers")
    void answersAtOnce_thenRecovers(String fault, Consumer<FakeRegistry> wrong, int manifest, int blob, String code)
            throws Exception {
        wrong.accept(upstream);
        long began = System.nanoTime();
        HttpResponse<byte[]> manifestAnswer = cache.get("/v2/library/app/manifests/" + image.manifest());
        HttpResponse<byte[]> tagAnswer = cache.head("/v2/library/app/manifests/v1");
        HttpResponse<byte[]> blobAnswer = cache.get("/v2/library/app/blobs/" + image.layer());
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(12));
        assertThat(manifestAnswer.statusCode()).as("manifest").isEqualTo(manifest);
        assertThat(tagAnswer.statusCode()).as("tag").isEqualTo(manifest);
        assertThat(blobAnswer.statusCode()).as("blob").isEqualTo(blob);
        assertThat(new String(blobAnswer.body(), StandardCharsets.UTF_8)).contains(code, "\"message\":\"larder: ");
        assertThat(cache.stored("blobs")).doesNotContain(image.layer().hex());
        assertThat(cache.stored("partial")).isEmpty();
        recovers();
    }

    private void recovers() throws Exception {
        upstream.behave();
        org.awaitility.Awaitility.await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            assertThat(cache.get("/v2/library/app/manifests/v1").body()).isEqualTo(image.manifestBytes());
            assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).body())
                    .isEqualTo(image.layerBytes());
        });
    }

    static Stream<Arguments> brokenBodies() {
        return Stream.of(
                Arguments.of("sends wrong bytes", (Consumer<Misbehaviour>) m -> m.corrupt = true),
                Arguments.of("announces too few bytes", (Consumer<Misbehaviour>) m -> m.shortLength = true),
                Arguments.of("cuts the blob again and again", (Consumer<Misbehaviour>) m -> {
                    m.cuts.set(1000);
                    m.cutAfter = 0;
                }),
                Arguments.of("stalls at the start", (Consumer<Misbehaviour>) m -> m.stallAfter = 0),
                Arguments.of("stalls after each tenth of it", (Consumer<Misbehaviour>) m -> m.stallAfter = LAYER / 10));
    }

    @ParameterizedTest(name = "upstream {0}: the body ends early, nothing is kept")
    @MethodSource("brokenBodies")
    void bodyEndsShort_nothingIsKept(String fault, Consumer<Misbehaviour> wrong) throws Exception {
        wrong.accept(upstream.misbehave());
        neverWhole();
        assertThat(cache.stored("blobs")).doesNotContain(image.layer().hex());
        org.awaitility.Awaitility.await()
                .untilAsserted(() -> assertThat(cache.stored("partial")).isEmpty());
    }

    /** Usually a body that ends early; an error when the fault shows before the first byte has gone out. */
    private void neverWhole() throws Exception {
        try {
            assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).statusCode())
                    .isIn(502, 503);
        } catch (IOException e) {
            // Not "no bytes": whoever gets nothing gets at least an answer.
            assertThat(e).hasMessageMatching("(?s).*(closed|EOF|fixed content-length).*");
        }
    }

    static Stream<Arguments> mended() {
        return Stream.of(
                Arguments.of("cuts the blob once", (Consumer<Misbehaviour>) m -> {
                    m.cuts.set(1);
                    m.cutAfter = LAYER / 2;
                }),
                Arguments.of("cuts the blob five times", (Consumer<Misbehaviour>) m -> {
                    m.cuts.set(5);
                    m.cutAfter = LAYER / 10;
                }),
                Arguments.of("cuts the blob and knows no Range", (Consumer<Misbehaviour>) m -> {
                    m.cuts.set(1);
                    m.cutAfter = LAYER / 2;
                    m.noRange = true;
                }),
                Arguments.of("gives no length", (Consumer<Misbehaviour>) m -> m.chunked = true),
                Arguments.of("answers HEAD without digest", (Consumer<Misbehaviour>) m -> m.terseHead = true));
    }

    @ParameterizedTest(name = "upstream {0}: the client does not notice")
    @MethodSource("mended")
    void clientDoesNotNotice(String fault, Consumer<Misbehaviour> wrong) throws Exception {
        wrong.accept(upstream.misbehave());
        HttpResponse<byte[]> head = cache.head("/v2/library/app/manifests/v1");
        assertThat(head.headers().firstValue("Docker-Content-Digest"))
                .hasValue(image.manifest().toString());
        assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).body()).isEqualTo(image.layerBytes());
        org.awaitility.Awaitility.await().untilAsserted(() -> assertThat(cache.stored("blobs"))
                .contains(image.layer().hex()));
    }

    @ParameterizedTest(name = "small blob, upstream {0}: an error, not a body that ends early")
    @MethodSource("brokenBodies")
    void smallBlob_isVerifiedBeforeTheAnswer(String fault, Consumer<Misbehaviour> wrong) throws Exception {
        wrong.accept(upstream.misbehave());
        upstream.misbehave().cutAfter = 0;
        upstream.misbehave().stallAfter = Math.min(0, upstream.misbehave().stallAfter);
        HttpResponse<byte[]> answer = cache.get("/v2/library/app/blobs/" + image.config());
        assertThat(answer.statusCode()).isBetween(502, 503);
    }

    @org.junit.jupiter.api.Test
    void wrongManifestBytes_areRefusedAndNotKept() throws Exception {
        upstream.misbehave().corrupt = true;
        HttpResponse<byte[]> answer = cache.get("/v2/library/app/manifests/" + image.manifest());
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                .contains(image.manifest().toString());
        assertThat(cache.stored("blobs")).isEmpty();
    }

    @org.junit.jupiter.api.Test
    void wrongBlob_isRefusedForAWhile_soThatTheClientGoesElsewhere() throws Exception {
        upstream.misbehave().corrupt = true;
        neverWhole();
        upstream.forgetRequests();
        assertThat(cache.get("/v2/library/app/blobs/" + image.layer(), "Range", "bytes=900000-")
                        .statusCode())
                .isEqualTo(502);
        assertThat(upstream.requests()).isEmpty();
    }

    /** Judged by what it brings: a little of the blob on each resume must not keep the pull waiting again and again. */
    @org.junit.jupiter.api.Test
    void stalls_costOneIdleTimeoutAltogether_thenTheClientGoesElsewhere() throws Exception {
        upstream.misbehave().stallAfter = LAYER / 20;
        long began = System.nanoTime();
        neverWhole();
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
        assertThat(upstream.count("GET", "/blobs/")).isBetween(2L, 5L);
        upstream.forgetRequests();
        assertThat(cache.get("/v2/library/app/blobs/" + image.layer(), "Range", "bytes=150000-")
                        .statusCode())
                .isEqualTo(503);
        assertThat(upstream.requests()).isEmpty();
    }

    @org.junit.jupiter.api.Test
    void stall_goesOnFromTheNextUpstream_whichIsThenPreferred() throws Exception {
        try (FakeRegistry other = new FakeRegistry()) {
            other.push("library/app", "v1", LAYER, 1);
            var second = upstream.pushBlob("library/app", new byte[LAYER]);
            other.pushBlob("library/app", new byte[LAYER]);
            cache.reload(TestCache.yaml(folder, QUICK, "", upstream, other));
            upstream.misbehave().stallAfter = LAYER / 2;
            assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).body())
                    .isEqualTo(image.layerBytes());
            assertThat(upstream.count("GET", "/blobs/")).isEqualTo(1);
            assertThat(other.requests().getFirst().header("range")).startsWith("bytes=");
            assertThat(cache.get("/v2/library/app/blobs/" + second).body()).isEqualTo(new byte[LAYER]);
            assertThat(upstream.count("GET", "/blobs/")).isEqualTo(1);
            assertThat(other.requests()).hasSize(2);
        }
    }

    @org.junit.jupiter.api.Test
    void upstreamDown_isSaidAtOnce_andNotAskedAgainAndAgain() throws Exception {
        upstream.close();
        for (int i = 0; i < 10; i++) {
            long began = System.nanoTime();
            assertThat(cache.get("/v2/library/app/manifests/v1").statusCode()).isEqualTo(503);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
        }
        assertThat(cache.admin("/status")).contains("\"state\" : \"Down\"");
    }
}
