package dev.larder.nodecache.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fuzz.Fuzz;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Any text is a file of the tag table, or a list of problems and nothing else. */
class MirrorFuzzTest {

    private static final String DIGEST = "sha256:" + "a1".repeat(32);

    private static final int LONGEST = 10_000;

    private static final List<String> SEEDS = List.of(
            "{version: 1, revision: r, images: [{resource: app, image: registry.test/library/app, open: true,"
                    + " platforms: [linux/arm64/v8], tags: [{tag: v1, digest: \"" + DIGEST + "\", before: [\"" + DIGEST
                    + "\"]}]}]}",
            """
            version: 1
            keep:
            - {resource: app, group: g, most: 3, bandwidth: 20M, spread: 2h}
            nodes: [a, b, c]
            groups:
            - {name: g, members: BQ==}
            - {name: h, members: ""}
            """,
            "{version: 1, images: &a [{image: a/b, tags: *a}], keep: *a, groups: [{members: /////w==}]}");

    @Test
    void files() throws InterruptedException {
        Fuzz.run(SEEDS, input -> {
            // A mapping of many short keys takes somewhat more for each character than is usual.
            String some = input.substring(0, Math.min(input.length(), LONGEST));
            // A file cannot hold half a character: reading it as UTF-8 has refused that before.
            String text = new String(some.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
            MirrorShard shard = MirrorReader.parse(text);
            if (shard.problems().isEmpty()) {
                assertThat(shard.tags()).hasSizeLessThanOrEqualTo(20_000);
                assertThat(shard.tags().stream().distinct().count())
                        .isEqualTo(shard.tags().size());
            } else {
                assertThat(shard.tags()).isEmpty();
                assertThat(shard.problems().stream()
                                .anyMatch(problem -> problem.toString().isBlank()))
                        .isFalse();
            }
        });
    }
}
