package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that changes what was stored: found by reading it again, and fetched anew by the next pull. */
class ScrubIT {

    @TempDir
    Path folder;

    @Test
    void flippedByte_isFound_andTheNextPullHasTheRightBytes() throws Exception {
        try (FakeRegistry upstream = new FakeRegistry();
                TestCache cache = TestCache.of(folder, upstream)) {
            Image image = upstream.push("library/app", "v1", 500_000, 1);
            String layer = "/v2/library/app/blobs/" + image.layer();
            assertThat(cache.get(layer).body()).isEqualTo(image.layerBytes());
            await().until(() -> cache.stored("blobs").contains(image.layer().hex()));
            String hex = image.layer().hex();
            Path file = folder.resolve("store/v1/blobs/sha256")
                    .resolve(hex.substring(0, 2))
                    .resolve(hex);
            byte[] bytes = Files.readAllBytes(file);
            bytes[1000] ^= 1;
            Files.write(file, bytes);

            cache.cache().storage().scrub().step(Duration.ofDays(7));

            await().untilAsserted(() -> assertThat(cache.admin("/metrics"))
                    .contains("larder_scrub_blobs_total{result=\"bad\"} 1.0")
                    .contains("larder_scrub_bytes_total 500000.0"));
            await().untilAsserted(() -> assertThat(cache.stored("blobs")).isEmpty());
            assertThat(cache.get(layer).body()).isEqualTo(image.layerBytes());
            assertThat(upstream.count("GET", "/blobs/")).isEqualTo(2);
        }
    }
}
