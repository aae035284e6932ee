package dev.larder.nodecache.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fuzz.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Manifests are whatever an upstream says, as long as the digest is right; patterns are whatever the config says. */
class ManifestLinksFuzzTest {

    private static final String DIGEST = "sha256:" + "0f".repeat(32);

    @Test
    void manifests() throws InterruptedException {
        List<String> seeds = List.of(
                "{\"config\":{\"digest\":\"" + DIGEST + "\"},\"layers\":[{\"digest\":\"" + DIGEST + "\",\"urls\":[]}]}",
                "{\"manifests\":[{\"digest\":\"" + DIGEST + "\",\"platform\":{\"os\":\"linux\"}}],\"x\":[[[[{}]]]]}");
        Fuzz.run(seeds, input -> ManifestLinks.parse(input.getBytes(StandardCharsets.UTF_8))
                .ifPresent(links -> assertThat(
                                links.blobs().size() + links.manifests().size())
                        .isLessThan(input.length())));
    }

    @Test
    void globs() throws InterruptedException {
        Fuzz.run(List.of("library/*", "*-perl", "a*b*c*d*e*?", "????"), input -> {
            // No longer than a config has them, and against the longest name there is.
            String pattern = input.substring(0, Math.min(input.length(), 255));
            assertThat(Glob.of(pattern).matches("a".repeat(255))).isIn(true, false);
        });
    }
}
