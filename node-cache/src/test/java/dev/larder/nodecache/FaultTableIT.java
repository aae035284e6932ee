package dev.larder.nodecache;

import static dev.larder.nodecache.FaultRow.Client.GETS_404;
import static dev.larder.nodecache.FaultRow.Client.GETS_502;
import static dev.larder.nodecache.FaultRow.Client.GETS_503;
import static dev.larder.nodecache.FaultRow.Client.SHORT;
import static dev.larder.nodecache.FaultRow.Client.WHOLE;
import static dev.larder.nodecache.FaultRow.Store.KEPT;
import static dev.larder.nodecache.FaultRow.Store.NOTHING;
import static dev.larder.nodecache.FaultRow.row;
import static dev.larder.nodecache.fake.BlobAnswer.closed;
import static dev.larder.nodecache.fake.BlobAnswer.cutAfter;
import static dev.larder.nodecache.fake.BlobAnswer.hung;
import static dev.larder.nodecache.fake.BlobAnswer.right;
import static dev.larder.nodecache.fake.BlobAnswer.stallAfter;
import static dev.larder.nodecache.fake.BlobAnswer.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.BlobAnswer;
import dev.larder.nodecache.fake.FakeLogin;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.Misbehaviour;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
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
    private static final int HALF = LAYER / 2;
    private static final int LAST = LAYER - 1;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String QUICK =
            "timeouts: {connect: 1s, firstByteWarm: 300ms, firstByteCold: 2s, idle: 1500ms}";
    // For what does not stall: a machine that stands still for a moment is not to look as if it did.
    private static final String CALM = "timeouts: {connect: 5s, firstByteWarm: 5s, firstByteCold: 10s, idle: 30s}";
    // What is left after a stall is for the next upstream: where that is too little for it, as on a machine that is
    // busy with other things, the first one is rightly asked once more.
    private static final String WITH_A_NEXT = QUICK.replace("1500ms", "3s");

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

    private static Arguments answer(String fault, Consumer<Misbehaviour> wrong, int manifest, int blob, String code) {
        return Arguments.of(fault, (Consumer<FakeRegistry>) r -> wrong.accept(r.misbehave()), manifest, blob, code);
    }

    static Stream<Arguments> answers() {
        return Stream.of(
                answer("hangs", m -> m.hang = true, 503, 503, "UNAVAILABLE"),
                answer("answers 400", m -> m.status = 400, 502, 502, "UNAVAILABLE"),
                answer("answers 403", m -> m.status = 403, 403, 403, "DENIED"),
                answer("answers 404", m -> m.status = 404, 404, 404, "_UNKNOWN"),
                answer("answers 429", m -> m.status = 429, 503, 503, "TOOMANYREQUESTS"),
                answer("answers 500", m -> m.status = 500, 503, 503, "UNAVAILABLE"),
                answer("answers 502", m -> m.status = 502, 503, 503, "UNAVAILABLE"),
                answer("answers 503", m -> m.status = 503, 503, 503, "UNAVAILABLE"),
                answer("answers 304", m -> m.status = 304, 502, 502, "UNAVAILABLE"),
                answer("redirects in a circle", m -> m.redirectLoop = true, 200, 502, "UNAVAILABLE"),
                answer("redirects to another scheme", m -> m.redirectTo = "ftp://x", 200, 502, "UNAVAILABLE"),
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
        await().atMost(Duration.ofSeconds(10))
                .ignoreExceptionsInstanceOf(IOException.class)
                .untilAsserted(() -> {
                    assertThat(cache.get("/v2/library/app/manifests/v1").body()).isEqualTo(image.manifestBytes());
                    assertThat(cache.get("/v2/library/app/blobs/" + image.layer())
                                    .body())
                            .isEqualTo(image.layerBytes());
                });
    }

    static Stream<FaultRow> fills() {
        return Stream.of(
                row("breaks once", "before the headers", WHOLE, KEPT, "2", closed(), right()),
                row("breaks once", "at the first byte", WHOLE, KEPT, "2", cutAfter(0), right()),
                row("breaks once", "in the middle", WHOLE, KEPT, "2", cutAfter(HALF), right()),
                row("breaks once", "at the last byte", WHOLE, KEPT, "2", cutAfter(LAST), right()),
                row("breaks five times", "each tenth", WHOLE, KEPT, "6", times(5, cutAfter(LAYER / 10), right())),
                row("breaks always", "before the headers", GETS_503, NOTHING, "2", closed()),
                row("breaks always", "at the first byte", GETS_503, NOTHING, "3", cutAfter(0)),
                row("breaks always", "each hundredth", SHORT, NOTHING, "3-31", cutAfter(LAYER / 100)),
                row(
                        "breaks always",
                        "in the middle, then at the first",
                        SHORT,
                        NOTHING,
                        "4",
                        cutAfter(HALF),
                        cutAfter(0)),
                row("stalls once", "before the headers", GETS_503, NOTHING, "1", hung(), right()),
                row("stalls once", "at the first byte", WHOLE, KEPT, "2", stallAfter(0), right()),
                row("stalls once", "in the middle", WHOLE, KEPT, "2", stallAfter(HALF), right()),
                row("stalls once", "at the last byte", WHOLE, KEPT, "2", stallAfter(LAST), right()),
                row("stalls always", "at the first byte", GETS_503, NOTHING, "2-3", stallAfter(0)),
                row("stalls always", "each tenth", SHORT, NOTHING, "2-4", stallAfter(LAYER / 10)),
                row("is slow", "everywhere", WHOLE, KEPT, "1", right().pausing(10)),
                row("ignores Range", "on resume", WHOLE, KEPT, "2", cutAfter(HALF), right().ignoringRange()),
                row("gives an earlier range", "on resume", WHOLE, KEPT, "2", cutAfter(HALF), beside(-1000)),
                row("gives a later range", "on resume", SHORT, NOTHING, "4", cutAfter(HALF), beside(1000)),
                row("has another length", "on resume", SHORT, NOTHING, "4", cutAfter(HALF), longer()),
                row(
                        "has other bytes",
                        "on resume",
                        SHORT,
                        NOTHING,
                        "2",
                        cutAfter(HALF),
                        right().of(FaultTableIT::other)),
                row("answers 404", "on resume", SHORT, NOTHING, "4", cutAfter(HALF), status(404)),
                row("answers 416", "on resume", SHORT, NOTHING, "4", cutAfter(HALF), status(416)),
                row("answers 503", "on resume", SHORT, NOTHING, "3-4", cutAfter(HALF), status(503)),
                row("answers 404", "once", GETS_404, NOTHING, "1", status(404)),
                row("has a wrong byte", "in the middle", SHORT, NOTHING, "1", right().of(BlobAnswer::flipped)),
                row("has a wrong byte", "at the end", SHORT, NOTHING, "1", right().of(FaultTableIT::other)),
                row("sends too little", "at the end", SHORT, NOTHING, "1", right().of(b -> Arrays.copyOf(b, LAST))),
                row("sends too much", "at the end", SHORT, NOTHING, "1", right().of(b -> Arrays.copyOf(b, LAYER + 1))),
                row("says a shorter length", "in the headers", SHORT, NOTHING, "1-4", right().claimingLengthPlus(-1)),
                row(
                        "says a longer length",
                        "in the headers",
                        SHORT,
                        NOTHING,
                        "4",
                        right().claimingLengthPlus(1),
                        status(416)),
                row("says no length", "in the headers", WHOLE, KEPT, "1", right().withoutLength()),
                row(
                        "says no length and breaks",
                        "in the middle",
                        GETS_503,
                        NOTHING,
                        "1",
                        cutAfter(HALF).withoutLength()),
                row("compresses", "everywhere", GETS_502, NOTHING, "1", right().header("Content-Encoding", "gzip")),
                row("sends a page with 200", "everywhere", GETS_502, NOTHING, "1", page()),
                row("sends a page with 200", "on resume", SHORT, NOTHING, "4", cutAfter(HALF), page()),
                // With a second upstream.
                row("breaks always", "before the headers", WHOLE, KEPT, "2+1", closed()),
                row("breaks always", "in the middle", WHOLE, KEPT, "1+1", cutAfter(HALF)),
                row("stalls always", "before the headers", WHOLE, KEPT, "1+1", hung()),
                row("stalls always", "in the middle", WHOLE, KEPT, "1+1", stallAfter(HALF)),
                row("answers 404", "always", WHOLE, KEPT, "1+1", status(404)),
                row("answers 429", "always", WHOLE, KEPT, "1+1", status(429)),
                row("answers 500", "always", WHOLE, KEPT, "1+1", status(500)),
                row("compresses", "everywhere", WHOLE, KEPT, "1+1", right().header("Content-Encoding", "br")),
                row("sends a page with 200", "everywhere", WHOLE, KEPT, "1+1", page()),
                row("has a wrong byte", "in the middle", SHORT, NOTHING, "1+0", right().of(BlobAnswer::flipped)));
    }

    private static BlobAnswer beside(int bytes) {
        return right().startingBeside(bytes);
    }

    private static BlobAnswer longer() {
        return right().claimingTotalPlus(1);
    }

    private static BlobAnswer page() {
        return right().header("Content-Type", "text/html; charset=utf-8");
    }

    private static byte[] other(byte[] content) {
        byte[] changed = content.clone();
        changed[LAST] ^= 1;
        return changed;
    }

    private static BlobAnswer[] times(int n, BlobAnswer answer, BlobAnswer last) {
        return Stream.concat(Stream.generate(() -> answer).limit(n), Stream.of(last))
                .toArray(BlobAnswer[]::new);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fills")
    void fillOfAFaultyUpstream(FaultRow row) throws Exception {
        try (FakeRegistry next = new FakeRegistry()) {
            if (row.asked().contains("+")) {
                next.push("library/app", "v1", LAYER, 1);
                cache.reload(TestCache.yaml(folder, row.stalls() ? WITH_A_NEXT : CALM, "", upstream, next));
            } else if (!row.stalls()) {
                cache.reload(TestCache.yaml(folder, CALM, "", upstream));
            }
            upstream.misbehave().answerBlobs(row.answers());
            long began = System.nanoTime();
            assertThat(blob()).isIn(row.client() == SHORT ? List.of(SHORT, GETS_502, GETS_503) : List.of(row.client()));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PATIENCE);
            await().untilAsserted(() -> assertThat(cache.stored("partial")).isEmpty());
            assertThat(cache.stored("blobs").contains(image.layer().hex())).isEqualTo(row.store() == KEPT);
            String[] asked = (row.asked() + "+0").split("\\+", 3);
            assertThat(upstream.count("GET", "/blobs/"))
                    .as("GETs of the first upstream")
                    .satisfies(FaultRow.within(asked[0]));
            assertThat(next.count("GET", "/blobs/"))
                    .as("GETs of the next upstream")
                    .satisfies(FaultRow.within(asked[1]));
            if (row.client() == SHORT) {
                assertThatTheClientsResumeGoesElsewhere();
            }
        }
    }

    private FaultRow.Client blob() throws Exception {
        try {
            HttpResponse<byte[]> answer = cache.get("/v2/library/app/blobs/" + image.layer());
            if (answer.statusCode() == 200) {
                assertThat(answer.body()).isEqualTo(image.layerBytes());
                return WHOLE;
            }
            return FaultRow.Client.valueOf("GETS_" + answer.statusCode());
        } catch (IOException e) {
            assertThat(e).hasMessageMatching("(?s).*(closed|EOF|fixed content-length).*");
            return SHORT;
        }
    }

    /** containerd comes back at once with a Range: it must be told to go on, not be given the same again. */
    private void assertThatTheClientsResumeGoesElsewhere() throws Exception {
        upstream.forgetRequests();
        HttpResponse<byte[]> resumed = cache.get("/v2/library/app/blobs/" + image.layer(), "Range", "bytes=900000-");
        assertThat(resumed.statusCode()).isIn(502, 503);
        assertThat(upstream.requests()).isEmpty();
    }

    static Stream<FaultRow> fillsOfSmallBlobs() {
        return Stream.of(
                row("has a wrong byte", "in the middle", GETS_502, NOTHING, "1", right().of(BlobAnswer::flipped)),
                row(
                        "sends too much",
                        "at the end",
                        GETS_502,
                        NOTHING,
                        "1",
                        right().of(b -> Arrays.copyOf(b, b.length + 1))),
                row("says a shorter length", "in the headers", GETS_502, NOTHING, "1", right().claimingLengthPlus(-1)),
                row("breaks always", "after ten bytes", GETS_503, NOTHING, "4", cutAfter(10), cutAfter(0)),
                row("stalls always", "at the first byte", GETS_503, NOTHING, "2-3", stallAfter(0)));
    }

    @ParameterizedTest(name = "small blob: {0}")
    @MethodSource("fillsOfSmallBlobs")
    void smallBlob_isVerifiedBeforeTheAnswer(FaultRow row) throws Exception {
        if (!row.stalls()) {
            cache.reload(TestCache.yaml(folder, CALM, "", upstream));
        }
        upstream.misbehave().answerBlobs(row.answers());
        int status = cache.get("/v2/library/app/blobs/" + image.config()).statusCode();
        assertThat(FaultRow.Client.valueOf("GETS_" + status)).isEqualTo(row.client());
        assertThat(cache.stored("blobs")).isEmpty();
        assertThat(upstream.count("GET", "/blobs/")).satisfies(FaultRow.within(row.asked()));
    }

    @Test
    void upstreamThatAnswersHeadWithoutDigest_costsAGet() throws Exception {
        upstream.misbehave().terseHead = true;
        HttpResponse<byte[]> head = cache.head("/v2/library/app/manifests/v1");
        assertThat(head.headers().firstValue("Docker-Content-Digest"))
                .hasValue(image.manifest().toString());
    }

    @Test
    void wrongManifestBytes_areRefusedAndNotKept() throws Exception {
        upstream.misbehave().corrupt = true;
        HttpResponse<byte[]> answer = cache.get("/v2/library/app/manifests/" + image.manifest());
        assertThat(answer.statusCode()).isEqualTo(502);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                .contains(image.manifest().toString());
        assertThat(cache.stored("blobs")).isEmpty();
    }

    @Test
    void stall_goesOnFromTheNextUpstream_whichIsThenPreferred() throws Exception {
        try (FakeRegistry other = new FakeRegistry()) {
            other.push("library/app", "v1", LAYER, 1);
            var second = upstream.pushBlob("library/app", new byte[LAYER]);
            other.pushBlob("library/app", new byte[LAYER]);
            cache.reload(TestCache.yaml(folder, WITH_A_NEXT, "", upstream, other));
            upstream.misbehave().answerBlobs(stallAfter(HALF));
            assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).body())
                    .isEqualTo(image.layerBytes());
            assertThat(upstream.count("GET", "/blobs/")).isEqualTo(1);
            assertThat(other.requests().getFirst().header("range")).startsWith("bytes=");
            assertThat(cache.get("/v2/library/app/blobs/" + second).body()).isEqualTo(new byte[LAYER]);
            assertThat(upstream.count("GET", "/blobs/")).isEqualTo(1);
            assertThat(other.requests()).hasSize(2);
        }
    }

    @Test
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
