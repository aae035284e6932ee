package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.BitSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only nodes that are chosen fetch an image ahead of time, no faster than they may; all answer its tag. */
class MirrorKeepIT {

    private static final int LAYER = 1_000_000;
    private static final int LARGE = 40_000_000;
    /** LAYER takes four seconds, LARGE takes minutes. */
    private static final String SLOW = "256Ki";

    /** Of a pull; at the bounded rate it would take two and a half minutes. */
    private static final Duration LARGE_AT_MOST = Duration.ofSeconds(60);

    private static final Duration LONG = Duration.ofHours(24);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private final AheadClock clock = new AheadClock();
    private final FakeRegistry upstream = new FakeRegistry();
    private final Image app = upstream.push("library/app", "v1", LAYER, 1);
    private final Image other = upstream.push("library/other", "v1", LAYER, 2);
    private TestCache cache;

    /** Goes on by itself, and may be put forward. */
    private static final class AheadClock extends Clock {
        private volatile Duration ahead = Duration.ZERO;

        @Override
        public Instant instant() {
            return Instant.now().plus(ahead);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    @BeforeEach
    void start() throws Exception {
        Files.createDirectories(folder.resolve("mirror"));
        cache = new TestCache(
                folder,
                TestCache.yaml(folder, "mirror: {folder: " + folder.resolve("mirror") + "}", "", upstream),
                clock);
    }

    @AfterEach
    void end() {
        cache.close();
        upstream.close();
    }

    /** The app's rule, and two tags: the app comes first. */
    private void table(String revision, String rule, Image image) throws Exception {
        file("keep-0.yaml", "{\"version\": 1, \"keep\": [{\"resource\": \"app\"" + rule + "}]}");
        file("mirror-0.json", """
                {"version": 1, "revision": "%s", "images": [
                {"resource": "app", "image": "%s/library/app", "open": true,
                 "tags": [{"tag": "v1", "digest": "%s", "before": []}]},
                {"resource": "other", "image": "%s/library/other", "open": true,
                 "tags": [{"tag": "v1", "digest": "%s", "before": []}]}]}
                """.formatted(
                        revision, TestCache.HOST, image.manifest(), TestCache.HOST, other.manifest()));
    }

    /** One group, of these. */
    private void nodes(String revision, String... members) throws Exception {
        BitSet bits = new BitSet();
        bits.set(0, members.length);
        file(
                "nodes.yaml",
                "{\"version\": 1, \"revision\": \"" + revision + "\", \"nodes\": [\"" + String.join("\",\"", members)
                        + "\"], \"groups\": [{\"name\": \"g\", \"members\": \""
                        + Base64.getEncoder().encodeToString(bits.toByteArray()) + "\"}]}");
    }

    private void file(String name, String text) throws Exception {
        Path next = Files.writeString(folder.resolve("next"), text);
        Files.move(
                next,
                folder.resolve("mirror").resolve(name),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private void statusSays(String... texts) {
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(cache.admin("/status")).contains(texts));
    }

    private long blobRequests(Image image) {
        return upstream.count("GET", "/blobs/" + image.layer());
    }

    @Test
    void nodeThatIsNotOfTheGroup_answersTheTag_andFetchesWhatIsAskedFor() throws Exception {
        nodes("n", "elsewhere");
        table("a", ", \"group\": \"g\"", app);
        // The other one comes later: by then this one would have been fetched.
        statusSays("\"mirror-0.json\" : \"a\"", "\"nodes.yaml\" : \"n\"", "\"kept\" : 1", "\"ready\" : 1");
        assertThat(upstream.requests()).noneMatch(seen -> seen.path().contains("library/app"));
        upstream.push("library/app", "v1", LAYER, 3);
        assertThat(cache.get("/v2/library/app/manifests/v1").body()).isEqualTo(app.manifestBytes());
        assertThat(cache.get("/v2/library/app/blobs/" + app.layer()).body()).isEqualTo(app.layerBytes());
        assertThat(blobRequests(app)).isEqualTo(1);
    }

    @Test
    void groupThatIsNotKnown_keepsNothingHere() throws Exception {
        table("a", ", \"group\": \"g\"", app);
        statusSays("\"kept\" : 1", "\"ready\" : 1");
        assertThat(blobRequests(app)).isZero();
    }

    @Test
    void nodeThatComesIntoTheGroup_fetches_andLetsGoWhenItLeaves() throws Exception {
        nodes("n", "elsewhere");
        table("a", ", \"group\": \"g\"", app);
        statusSays("\"kept\" : 1", "\"ready\" : 1");
        nodes("o", "elsewhere", NodeName.own());
        statusSays("\"nodes.yaml\" : \"o\"", "\"kept\" : 2", "\"ready\" : 2", "\"pinnedBytes\" : 2");
        assertThat(blobRequests(app)).isEqualTo(1);
        nodes("p", "elsewhere");
        statusSays("\"nodes.yaml\" : \"p\"", "\"kept\" : 1", "\"pinnedBytes\" : 1");
        assertThat(cache.get("/v2/library/app/blobs/" + app.layer()).body()).isEqualTo(app.layerBytes());
        assertThat(blobRequests(app)).as("it stays until its place is needed").isEqualTo(1);
    }

    @Test
    void boundedRate_isKept_andHoldsNoOtherImageUp() throws Exception {
        Image large = upstream.push("library/app", "v2", LARGE, 4);
        table("a", ", \"bandwidth\": \"" + SLOW + "\"", large);
        await().atMost(LIMIT).until(() -> blobRequests(large) == 1);
        statusSays("\"kept\" : 2", "\"ready\" : 1");
        assertThat(blobRequests(other)).isEqualTo(1);

        long began = System.nanoTime();
        table("b", ", \"bandwidth\": \"" + SLOW + "\"", app);
        assertThat(cache.get("/v2/library/app/blobs/" + large.layer()).body())
                .as("who asks for it is not held to the rate")
                .isEqualTo(large.layerBytes());
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(LARGE_AT_MOST);
        assertThat(blobRequests(large)).as("it joined").isEqualTo(1);
        statusSays("\"mirror-0.json\" : \"b\"", "\"ready\" : 2");
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(3));
    }

    @Test
    void turn_isAwaited() throws Exception {
        table("a", ", \"spread\": \"24h\"", app);
        statusSays("\"ready\" : 1", "begins at");
        assertThat(upstream.requests()).noneMatch(seen -> seen.path().contains("library/app"));
        clock.ahead = LONG;
        statusSays("\"ready\" : 2");
        assertThat(blobRequests(app)).isEqualTo(1);
    }

    @Test
    void pull_endsTheWaitForTheTurn() throws Exception {
        table("a", ", \"spread\": \"24h\"", app);
        statusSays("\"ready\" : 1", "begins at");
        assertThat(cache.get("/v2/library/app/manifests/v1").body()).isEqualTo(app.manifestBytes());
        statusSays("\"ready\" : 2");
        assertThat(blobRequests(app)).isEqualTo(1);
    }

    @Test
    void fileOfRules_withErrors_keepsTheLastGoodOne() throws Exception {
        nodes("n", "elsewhere");
        table("a", ", \"group\": \"g\"", app);
        statusSays("\"kept\" : 1");
        file("keep-0.yaml", "{\"version\": 1, \"keep\": [{\"most\": 0}]}");
        statusSays("keep-0.yaml: keep[0].most", "\"kept\" : 1");
    }
}
