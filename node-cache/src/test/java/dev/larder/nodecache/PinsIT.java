package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pinned images through the whole program: held, said, and let go by another config file. */
class PinsIT {

    private static final int LAYER = 1_000_000;

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image image = upstream.push("library/app", "v1", LAYER, 1);
    private TestCache cache;

    @BeforeEach
    void start() {
        cache = new TestCache(folder, yaml("[" + TestCache.HOST + "/library/app:v1]"));
    }

    private String yaml(String pins) {
        return TestCache.yaml(folder, "", "", upstream).replace("size: 1Gi", "size: 4Mi, pins: " + pins);
    }

    @AfterEach
    void end() {
        cache.close();
        upstream.close();
    }

    private void pull(String tag, Image wanted) throws Exception {
        assertThat(cache.get("/v2/library/app/manifests/" + tag).body()).isEqualTo(wanted.manifestBytes());
        assertThat(cache.get("/v2/library/app/blobs/" + wanted.layer()).body()).isEqualTo(wanted.layerBytes());
        await().untilAsserted(() -> assertThat(cache.stored("partial")).isEmpty());
    }

    @Test
    void pinnedImage_outlivesWhatComesAfter_untilItIsUnpinned() throws Exception {
        pull("v1", image);
        for (int n = 2; n < 10; n++) {
            pull("v" + n, upstream.push("library/app", "v" + n, LAYER, n));
        }
        upstream.forgetRequests();
        pull("v1", image);
        assertThat(upstream.requests()).isEmpty();
        assertThat(cache.cache().storage().blobs().pins().bytes(false)).isGreaterThan(LAYER);
        assertThat(cache.admin("/status")).contains("\"pinnedBytes\" : 1");
        cache.reload(yaml("[]"));
        assertThat(cache.admin("/status")).contains("\"pinnedBytes\" : 0");
        for (int n = 10; n < 18; n++) {
            pull("v" + n, upstream.push("library/app", "v" + n, LAYER, n));
        }
        assertThat(cache.stored("blobs")).doesNotContain(image.layer().hex());
    }
}
