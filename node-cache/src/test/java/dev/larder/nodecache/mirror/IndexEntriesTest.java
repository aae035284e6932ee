package dev.larder.nodecache.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class IndexEntriesTest {

    private static final Digest AMD64 = Digest.parse("sha256:" + "a".repeat(64));
    private static final Digest ARM64 = Digest.parse("sha256:" + "b".repeat(64));
    private static final Digest ATTESTATION = Digest.parse("sha256:" + "c".repeat(64));
    private static final byte[] INDEX =
            """
            {"schemaVersion":2,"annotations":{"a":"b"},"manifests":[
             {"mediaType":"m","digest":"%s","size":1,"platform":{"architecture":"amd64","os":"linux","os.features":["x"]}},
             {"platform":{"architecture":"arm64","os":"linux","variant":"v8"},"digest":"%s","size":1},
             {"digest":"%s","size":1,"platform":{"architecture":"unknown","os":"unknown"}},
             {"digest":"%s","size":1}]}
            """.formatted(AMD64, ARM64, ATTESTATION, ATTESTATION).getBytes(StandardCharsets.UTF_8);

    private static List<Digest> of(String... platforms) {
        return IndexEntries.of(
                INDEX, List.of(platforms).stream().map(Platform::parse).toList());
    }

    @Test
    void chosen_areThoseForThePlatforms() {
        assertThat(of("linux/amd64")).containsExactly(AMD64);
        assertThat(of("linux/arm64")).containsExactly(ARM64);
        assertThat(of("linux/arm64/v8", "linux/amd64")).containsExactly(AMD64, ARM64);
        assertThat(of("linux/arm64/v9")).isEmpty();
        assertThat(of("windows/amd64")).isEmpty();
    }

    @Test
    void whatIsNoIndex_hasNone() {
        assertThat(IndexEntries.of("[]".getBytes(StandardCharsets.UTF_8), List.of(Platform.parse("linux/amd64"))))
                .isEmpty();
        assertThat(IndexEntries.of("{".getBytes(StandardCharsets.UTF_8), List.of(Platform.parse("linux/amd64"))))
                .isEmpty();
    }
}
