package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.SettableClock;
import dev.larder.nodecache.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tag that moved never yields a manifest whose content cannot be had, as long as the old image is here as a whole. */
class TagMoveIT {

    private static final String TAG = "/v2/library/app/manifests/v1";

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final SettableClock clock = new SettableClock();
    private final Image old = upstream.push("library/app", "v1", 1000, 1);
    private TestCache cache;

    @BeforeEach
    void start() {
        String rule = "tags: [{pattern: \"*\", freshFor: 5m, staleWhileRevalidate: 0s, staleIfError: 24h}]";
        cache = new TestCache(
                folder,
                TestCache.yaml(folder, "timeouts: {firstByteWarm: 5s, firstByteCold: 5s}", rule, upstream),
                clock);
    }

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
    }

    private HttpResponse<byte[]> blob(Digest digest) throws Exception {
        return cache.get("/v2/library/app/blobs/" + digest);
    }

    private void pull(Image image) throws Exception {
        assertThat(cache.get(TAG).body()).isEqualTo(image.manifestBytes());
        assertThat(blob(image.config()).statusCode()).isEqualTo(200);
        assertThat(blob(image.layer()).body()).isEqualTo(image.layerBytes());
        await().untilAsserted(() -> assertThat(cache.stored("blobs"))
                .contains(image.config().hex(), image.layer().hex()));
    }

    private Image move() {
        Image next = upstream.push("library/app", "v1", 1000, 2);
        clock.advance(Duration.ofMinutes(5));
        upstream.forgetRequests();
        return next;
    }

    private void oldStandsIn() throws Exception {
        for (HttpResponse<byte[]> answer : java.util.List.of(cache.head(TAG), cache.get(TAG))) {
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Docker-Content-Digest"))
                    .hasValue(old.manifest().toString());
            assertThat(answer.headers().firstValue("Larder-Outcome")).hasValue("stale");
            assertThat(answer.headers().firstValue("Warning").orElse("")).startsWith("111 ");
        }
        assertThat(blob(old.layer()).body()).isEqualTo(old.layerBytes());
    }

    private void is(Image image) throws Exception {
        assertThat(cache.head(TAG).headers().firstValue("Docker-Content-Digest"))
                .hasValue(image.manifest().toString());
        assertThat(cache.get(TAG).body()).isEqualTo(image.manifestBytes());
    }

    @Test
    void newManifestCannotBeHad_oldImageIsGiven() throws Exception {
        pull(old);
        Image next = move();
        upstream.deleteTag("library/app", next.manifest().toString());
        oldStandsIn();
        upstream.push("library/app", "v1", 1000, 2);
        clock.advance(Duration.ofSeconds(10));
        is(next);
    }

    @Test
    void upstreamDownRightAfterTheMove_oldImageIsGiven_untilTheNewOneIsHere() throws Exception {
        pull(old);
        Image next = move();
        is(next);
        upstream.misbehave().status = 503;
        oldStandsIn();
        cache.restart();
        oldStandsIn();
        upstream.behave();
        clock.advance(Duration.ofMinutes(2));
        pull(next);
        upstream.forgetRequests();
        upstream.misbehave().status = 503;
        is(next);
        assertThat(upstream.requests()).isEmpty();
        clock.advance(Duration.ofMinutes(6));
        is(next);
    }

    @Test
    void oldImageThatIsNotWhole_standsInForNothing() throws Exception {
        is(old);
        Image next = move();
        is(next);
        upstream.misbehave().status = 503;
        is(next);
        assertThat(upstream.requests()).hasSize(2);
    }

    @Test
    void standsInNoLongerThanStaleIfErrorAllows() throws Exception {
        pull(old);
        Image next = move();
        is(next);
        upstream.misbehave().status = 503;
        clock.advance(Duration.ofHours(24));
        is(next);
    }

    @Test
    void tagThatComesBack_isWhatItWas() throws Exception {
        pull(old);
        Image next = move();
        is(next);
        upstream.push("library/app", "v1", 1000, 1);
        clock.advance(Duration.ofMinutes(5));
        is(old);
        upstream.forgetRequests();
        is(old);
        assertThat(upstream.requests()).isEmpty();
    }
}
