package dev.larder.nodecache.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fuzz.Fuzz;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Indexes and lists of referrers, as upstreams hand them out. */
class MirrorFuzzTest {

    private static final String DIGEST = "sha256:" + "a1".repeat(32);

    private static final List<String> SEEDS = List.of(
            "{\"manifests\":[{\"digest\":\"" + DIGEST
                    + "\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}}]}",
            "{\"x\":[[{}]],\"manifests\":[{\"digest\":\"" + DIGEST
                    + "\",\"size\":1e999,\"annotations\":{\"a\":\"\\ud800\"}}," + "{\"digest\":\"sha512:"
                    + "0f".repeat(64) + "\",\"n\":-0.0,\"m\":123456789012345678901}]}",
            "{\"manifests\":[{\"platform\":{\"os\":null,\"variant\":[{}]}},[],1]}");

    @Test
    void referrers_areWrittenAsRead() throws InterruptedException {
        Fuzz.run(SEEDS, input -> {
            Map<Digest, String> found = ReferrersIndex.descriptors(input.getBytes(StandardCharsets.UTF_8));
            assertThat(found).hasSizeLessThanOrEqualTo(200);
            assertThat(ReferrersIndex.descriptors(ReferrersIndex.of(found)).keySet())
                    .isEqualTo(found.keySet());
        });
    }

    @Test
    void indexes() throws InterruptedException {
        Platform platform = new Platform("linux", "amd64", "");
        Fuzz.run(SEEDS, input -> assertThat(IndexEntries.of(input.getBytes(StandardCharsets.UTF_8), List.of(platform)))
                .hasSizeLessThanOrEqualTo(1000));
    }
}
