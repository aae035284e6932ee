package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.BlobAnswer;
import dev.larder.nodecache.fake.FakeLogin;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.mirror.KeepRanking;
import dev.larder.nodecache.oci.Digest;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tag in the operator's table means what that says, whatever its upstream does. */
class MirrorIT {

    private static final int LAYER = 1_000_000;
    private static final String TAG = "/v2/library/app/manifests/v1";

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image first = upstream.push("library/app", "v1", LAYER, 1);
    private TestCache cache;

    @BeforeEach
    void start() throws Exception {
        Files.createDirectories(folder.resolve("mirror"));
        cache = new TestCache(
                folder, TestCache.yaml(folder, "mirror: {folder: " + folder.resolve("mirror") + "}", "", upstream));
    }

    @AfterEach
    void end() {
        cache.close();
        upstream.close();
    }

    private void table(String revision, Digest digest, Digest... before) throws Exception {
        String earlier = Stream.of(before).map(d -> "\"" + d + "\"").collect(Collectors.joining(","));
        file("""
                {"version": 1, "revision": "%s", "images": [
                {"resource": "app", "image": "%s/library/app", "open": true,
                 "tags": [{"tag": "v1", "digest": "%s", "before": [%s]}]}]}
                """.formatted(revision, TestCache.HOST, digest, earlier));
    }

    /** As a ConfigMap's mount does it: never half a file. */
    private void file(String text) throws Exception {
        Path next = Files.writeString(folder.resolve("next"), text);
        Files.move(
                next,
                folder.resolve("mirror/mirror-0.json"),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
    }

    private void statusSays(String... texts) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(cache.admin("/status")).contains(texts));
    }

    private void isServed(Image image) throws Exception {
        assertThat(cache.get(TAG).body()).isEqualTo(image.manifestBytes());
        assertThat(cache.head(TAG).headers().firstValue("Docker-Content-Digest"))
                .hasValue(image.manifest().toString());
        assertThat(cache.get("/v2/library/app/blobs/" + image.layer()).body()).isEqualTo(image.layerBytes());
    }

    @Test
    void tag_meansWhatTheTableSays_withoutAnyRequest_whateverItsUpstreamDoes() throws Exception {
        table("a", first.manifest());
        statusSays("\"mirror-0.json\" : \"a\"", "\"ready\" : 1");
        upstream.push("library/app", "v1", LAYER, 2);
        upstream.forgetRequests();
        isServed(first);
        upstream.deleteTag("library/app", "v1");
        isServed(first);
        assertThat(upstream.requests()).isEmpty();
        upstream.close();
        isServed(first);
        cache.restart();
        isServed(first);
    }

    @Test
    void image_isFetchedOnce_beforeAnyoneAsks() throws Exception {
        table("a", first.manifest());
        statusSays("\"ready\" : 1");
        assertThat(upstream.count("GET", "/blobs/" + first.layer())).isEqualTo(1);
        assertThat(upstream.count("GET", "/manifests/")).isEqualTo(1);
        upstream.forgetRequests();
        isServed(first);
        assertThat(upstream.requests()).isEmpty();
    }

    @Test
    void newDigest_isServedOnceAllOfItIsHere_andTheOneBeforeUntilThen() throws Exception {
        table("a", first.manifest());
        statusSays("\"ready\" : 1");
        FakeRegistry elsewhere = new FakeRegistry();
        Image second = elsewhere.push("library/app", "v1", LAYER, 2);
        elsewhere.close();
        table("b", second.manifest(), first.manifest());
        statusSays("\"mirror-0.json\" : \"b\"", "\"ready\" : 0", "\"digest\" : \"" + second.manifest(), "no manifest");
        isServed(first);
        upstream.push("library/app", "v1", LAYER, 2);
        statusSays("\"ready\" : 1");
        isServed(second);
    }

    @Test
    void wayBack_isOnTheDisk() throws Exception {
        table("a", first.manifest());
        statusSays("\"ready\" : 1");
        Image second = upstream.push("library/app", "v1", LAYER, 2);
        table("b", second.manifest(), first.manifest());
        statusSays("\"mirror-0.json\" : \"b\"", "\"ready\" : 1");
        isServed(second);
        upstream.close();
        table("c", first.manifest(), second.manifest());
        statusSays("\"mirror-0.json\" : \"c\"", "\"ready\" : 1");
        isServed(first);
    }

    @Test
    void withoutItsTable_aTagIsOrdinary_andNothingIsPinned() throws Exception {
        table("a", first.manifest());
        statusSays("\"ready\" : 1", "\"pinnedBytes\" : 1");
        Image second = upstream.push("library/app", "v1", LAYER, 2);
        isServed(first);
        Files.delete(folder.resolve("mirror/mirror-0.json"));
        statusSays("\"tags\" : 0", "\"pinnedBytes\" : 0");
        isServed(second);
    }

    /** So many tags of one repository, in this order. */
    private void tables(String revision, Image... images) throws Exception {
        String tags = IntStream.range(0, images.length)
                .mapToObj(n -> "{\"tag\": \"t%d\", \"digest\": \"%s\"}".formatted(n, images[n].manifest()))
                .collect(Collectors.joining(","));
        file("""
                {"version": 1, "revision": "%s", "images": [
                {"resource": "app", "image": "%s/library/app", "open": true, "tags": [%s]}]}
                """.formatted(revision, TestCache.HOST, tags));
    }

    @Test
    void newTable_isBegunAtOnce_andWhatOnlyTheOldOneHadIsNotFetched() throws Exception {
        Image left = upstream.push("library/app", "v2", LAYER, 2);
        Image promoted = upstream.push("library/app", "v3", LAYER, 3);
        CountDownLatch held = new CountDownLatch(1);
        upstream.misbehave().answerBlobs(BlobAnswer.right().heldBy(held), BlobAnswer.right());
        tables("a", first, left);
        await().until(() -> upstream.count("GET", "/blobs/") > 0);
        tables("b", first, promoted);
        statusSays("\"mirror-0.json\" : \"b\"");
        held.countDown();
        statusSays("\"ready\" : 2");
        assertThat(upstream.count("GET", promoted.layer().toString())).isEqualTo(1);
        assertThat(upstream.count("GET", left.manifest().toString())).isZero();
        assertThat(upstream.count("GET", left.layer().toString())).isZero();
    }

    @Test
    void whatWaits_isNamedWhole_whenItIsNotMoreThanAskedFor() throws Exception {
        FakeRegistry elsewhere = new FakeRegistry();
        elsewhere.close();
        tables("a", first, elsewhere.push("library/app", "x", 10, 5), elsewhere.push("library/app", "y", 10, 6));
        statusSays("\"kept\" : 3", "\"ready\" : 1");
        Mirroring mirroring = cache.cache().mirroring();
        ByteBuffer names =
                ByteBuffer.wrap(Base64.getDecoder().decode(mirroring.report(2).waitingNames()));
        assertThat(List.of(names.getInt(), names.getInt()))
                .containsExactlyInAnyOrder(
                        KeepRanking.shortName(TestCache.HOST + "/library/app:t1"),
                        KeepRanking.shortName(TestCache.HOST + "/library/app:t2"));
        assertThat(names.hasRemaining()).isFalse();
        assertThat(mirroring.report(1).waitingNames()).isNull();
        assertThat(mirroring.report(0).waitingNames()).isNull();
        assertThat(cache.admin("/status")).doesNotContain("waitingNames");
    }

    @Test
    void badFile_keepsTheLastGoodOne_andSaysWhy() throws Exception {
        table("a", first.manifest());
        statusSays("\"ready\" : 1");
        upstream.push("library/app", "v1", LAYER, 2);
        file("{\"version\": 1, \"images\": [{\"image\": \"nothing\"}]}");
        statusSays("mirror-0.json: images[0].image", "\"mirror-0.json\" : \"a\"");
        isServed(first);
    }

    @Test
    void privateImage_isStillOnlyForWhoMayPullIt() throws Exception {
        upstream.login().mode = FakeLogin.Mode.USER_TOKEN;
        String token = upstream.login().userToken();
        table("a", first.manifest());
        statusSays("\"ready\" : 0", "\"message\"");
        assertThat(cache.get(TAG, "Authorization", token).statusCode()).isEqualTo(200);
        assertThat(cache.get("/v2/library/app/blobs/" + first.layer(), "Authorization", token)
                        .statusCode())
                .isEqualTo(200);
        upstream.push("library/app", "v1", LAYER, 2);
        assertThat(cache.get(TAG, "Authorization", token).body()).isEqualTo(first.manifestBytes());
        for (String path : List.of(TAG, "/v2/library/app/blobs/" + first.layer())) {
            assertThat(cache.get(path).statusCode()).isEqualTo(401);
            assertThat(cache.get(path, "Authorization", "Bearer forged").statusCode())
                    .isEqualTo(401);
        }
    }
}
