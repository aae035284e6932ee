package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.BlobAnswer;
import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upstream's own waits, beside the general ones. */
class UpstreamTimeoutsIT {

    private static final int LAYER = 1_000_000;

    @TempDir
    Path folder;

    private final FakeRegistry slow = new FakeRegistry();
    private final FakeRegistry next = new FakeRegistry();
    private Image image;
    private @Nullable TestCache running;

    private TestCache cache() {
        return Objects.requireNonNull(running);
    }

    @BeforeEach
    void push() {
        image = slow.push("library/app", "v1", LAYER, 1);
        next.push("library/app", "v1", LAYER, 1);
    }

    @AfterEach
    void stop() {
        cache().close();
        slow.close();
        next.close();
    }

    /** @param own of the first upstream */
    private void start(String general, String own) {
        String yaml = TestCache.yaml(folder, "timeouts: " + general, "", slow, next);
        String url = "url: \"" + slow.url() + "\"";
        running = new TestCache(folder, yaml.replace(url, url + ", timeouts: " + own));
    }

    private Duration toTheManifest() throws Exception {
        long began = System.nanoTime();
        HttpResponse<byte[]> answer = cache().get("/v2/library/app/manifests/v1");
        assertThat(answer.body()).isEqualTo(image.manifestBytes());
        return Duration.ofNanos(System.nanoTime() - began);
    }

    private Duration toTheBlob() throws Exception {
        long began = System.nanoTime();
        assertThat(cache().get("/v2/library/app/blobs/" + image.layer()).body()).isEqualTo(image.layerBytes());
        return Duration.ofNanos(System.nanoTime() - began);
    }

    @Test
    void shortFirstByte_goesToTheNextSooner() throws Exception {
        start("{firstByteCold: 20s}", "{firstByte: 300ms}");
        slow.misbehave().hang = true;
        assertThat(toTheManifest()).isBetween(Duration.ofMillis(250), Duration.ofSeconds(5));
        assertThat(slow.requests()).hasSize(1);
    }

    @Test
    void longFirstByte_isWaitedFor_beyondTheGeneralOne() throws Exception {
        start("{firstByteCold: 400ms, idle: 30s}", "{firstByte: 10s}");
        slow.misbehave().answerBlobs(BlobAnswer.right().after(Duration.ofMillis(1500)));
        assertThat(toTheBlob()).isGreaterThan(Duration.ofMillis(1400));
        assertThat(next.count("GET", "/blobs/")).isZero();
    }

    @Test
    void shortIdle_goesToTheNextSooner() throws Exception {
        start("{idle: 60s}", "{idle: 900ms}");
        slow.misbehave().answerBlobs(BlobAnswer.stallAfter(LAYER / 2));
        assertThat(toTheBlob()).isBetween(Duration.ofMillis(250), Duration.ofSeconds(8));
        assertThat(next.count("GET", "/blobs/")).isEqualTo(1);
    }

    @Test
    void longIdle_waitsThroughASilence() throws Exception {
        start("{idle: 600ms}", "{idle: 30s}");
        // Each silence is longer than all that the general one allows.
        slow.misbehave().answerBlobs(BlobAnswer.right().silentAfter(LAYER / 2, Duration.ofMillis(1500)));
        assertThat(toTheBlob()).isGreaterThan(Duration.ofMillis(1400));
        assertThat(slow.count("GET", "/blobs/")).isEqualTo(1);
        assertThat(next.count("GET", "/blobs/")).isZero();
    }
}
