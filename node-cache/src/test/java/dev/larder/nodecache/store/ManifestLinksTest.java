package dev.larder.nodecache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.oci.Digest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestLinksTest {

    private static final Digest A = Digest.sha256(new byte[] {1});
    private static final Digest B = Digest.sha256(new byte[] {2});
    private static final Digest C = Digest.sha256(new byte[] {3});

    private static ManifestLinks parsed(String json) {
        return ManifestLinks.parse(json.getBytes(StandardCharsets.UTF_8)).orElseThrow();
    }

    @Test
    void parse_image() {
        ManifestLinks links = parsed("""
                {"schemaVersion": 2, "subject": {"digest": "sha256:0"}, "annotations": {"config": {"digest": "x"}},
                 "config": {"size": 1, "digest": "%s"},
                 "layers": [{"digest": "%s", "annotations": {"digest": "no"}}, {"urls": ["https://x"], "digest": "%s"}]}
                """.formatted(A, B, C));
        assertThat(links.blobs()).containsExactly(A, B);
        assertThat(links.manifests()).isEmpty();
    }

    @Test
    void parse_index() {
        ManifestLinks links =
                parsed("{\"manifests\":[{\"platform\":{\"os\":\"linux\"},\"digest\":\"%s\"},{\"digest\":\"%s\"}]}"
                        .formatted(A, B));
        assertThat(links.manifests()).containsExactly(A, B);
        assertThat(links.blobs()).isEmpty();
    }

    @Test
    void keys_eachOnce_andNoMoreThanTheBound() {
        assertThat(parsed("{\"config\":{\"digest\":\"%s\"},\"layers\":[{\"digest\":\"%s\"},{\"digest\":\"%s\"}]}"
                                .formatted(A, B, B))
                        .keys())
                .containsExactly(BlobKey.of(A), BlobKey.of(B));
        StringBuilder many = new StringBuilder("{\"layers\":[{}");
        for (int n = 0; n < 2 * ManifestLinks.MAX; n++) {
            many.append(",{\"digest\":\"sha256:%064x\"}".formatted(n));
        }
        assertThat(parsed(many.append("]}").toString()).keys()).hasSize(ManifestLinks.MAX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "\"x\"",
                "{\"layers\":[",
                "{\"layers\":[{\"digest\":\"sha256:../x\"}]}",
                "{} x {"
            })
    void parse_noManifest(String text) {
        assertThat(ManifestLinks.parse(text.getBytes(StandardCharsets.UTF_8))
                        .filter(links -> !links.blobs().isEmpty()))
                .isEmpty();
    }
}
