package dev.larder.nodecache.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.fuzz.Fuzz;
import dev.larder.nodecache.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Records as a crash, a bad disk or somebody's editor may leave them; digests as clients may make them up. */
class RecordsFuzzTest {

    private static final String DIGEST = "sha256:" + "0f".repeat(32);

    @Test
    void tagRecords() throws InterruptedException {
        List<String> seeds = List.of(
                DIGEST + "\napplication/vnd.oci.image.index.v1+json\n1234\n2026-11-22T08:00:00Z\n",
                DIGEST + "\na/b\n9223372036854775807\n+1000000000-12-31T23:59:59.999999999Z\n");
        Fuzz.run(seeds, input -> TagRecord.parse(input).ifPresent(record -> assertThat(TagRecord.parse(record.format()))
                .hasValue(record)));
    }

    @Test
    void verdicts() throws InterruptedException {
        String one = "registry.test:5000 team/app " + "0f".repeat(16) + " 1764000000 1764086400";
        Fuzz.run(List.of(one, "[::1]:5 a " + "0".repeat(32) + " 0 99999999999"), input -> VerdictRecord.parse(input)
                .ifPresent(record ->
                        assertThat(VerdictRecord.parse(record.format())).hasValue(record)));
        SecretKey key = new SecretKeySpec(new byte[] {1}, "HmacSHA256");
        byte[] sealed = VerdictFile.format(List.of(VerdictRecord.parse(one).orElseThrow()), key);
        String good = new String(sealed, StandardCharsets.UTF_8);
        Fuzz.run(List.of(good, good.replace("1\n", "1\n" + one + "\n"), "larder verdicts 1\nseal \n"), input -> {
            if (!input.equals(good)) {
                assertThat(VerdictFile.parse(input.getBytes(StandardCharsets.UTF_8), key))
                        .isEmpty();
            }
        });
        assertThat(VerdictFile.parse(sealed, key)).isPresent();
    }

    @Test
    void manifests() throws InterruptedException {
        List<String> seeds = List.of(
                "{\"config\":{\"digest\":\"" + DIGEST + "\"},\"layers\":[{\"digest\":\"" + DIGEST + "\",\"urls\":[]}]}",
                "{\"manifests\":[{\"digest\":\"" + DIGEST + "\",\"platform\":{\"os\":\"linux\"}}],\"x\":[[[[{}]]]]}");
        Fuzz.run(seeds, input -> ManifestLinks.parse(input.getBytes(StandardCharsets.UTF_8))
                .ifPresent(links -> assertThat(links.keys()).hasSizeLessThan(input.length())));
    }

    @Test
    void noDigestLeavesTheStore() throws InterruptedException {
        Path root = Path.of("/srv/store");
        StorePaths paths = new StorePaths(root);
        Fuzz.run(List.of(DIGEST, "sha512:" + "0f".repeat(64), "sha256:../../../x"), input -> {
            try {
                Path path = paths.blob(Digest.parse(input));
                assertThat(path.startsWith(root) && path.normalize().equals(path))
                        .isTrue();
            } catch (InvalidRequest e) {
                assertThat(e.getMessage()).hasSizeLessThan(1000);
            }
        });
    }
}
