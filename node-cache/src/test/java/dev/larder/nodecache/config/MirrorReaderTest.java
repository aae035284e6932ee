package dev.larder.nodecache.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.oci.Keeping;
import dev.larder.nodecache.oci.Platform;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MirrorReaderTest {

    private static final String DIGEST = "sha256:" + "a".repeat(64);

    private static String table(String image) {
        return "{version: 1, revision: r, images: [" + image + "]}";
    }

    @Test
    void whole() {
        MirrorShard shard = MirrorReader.parse(
                table("{resource: app, image: registry.test/library/app, open: true, platforms: [linux/arm64/v8],"
                        + " tags: [{tag: v1, digest: \"" + DIGEST + "\", before: [\"" + DIGEST + "\"]}]}"));
        assertThat(shard.problems()).isEmpty();
        assertThat(shard.revision()).isEqualTo("r");
        assertThat(shard.tags()).singleElement().satisfies(tag -> {
            assertThat(tag.resource()).isEqualTo("app");
            assertThat(tag.repository()).hasToString("registry.test/library/app");
            assertThat(tag.tag()).hasToString("v1");
            assertThat(tag.digest()).hasToString(DIGEST);
            assertThat(tag.before()).hasSize(1);
            assertThat(tag.platforms()).containsExactly(new Platform("linux", "arm64", "v8"));
            assertThat(tag.open()).isTrue();
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {image: app, tags: []}                                             | images[0].image
            {tags: []}                                                         | images[0].image
            {image: registry.test/app, tags: [{tag: v1}]}                      | images[0].tags[0]
            {image: registry.test/app, tags: [{tag: v1, digest: latest}]}      | images[0].tags[0].digest
            {image: registry.test/app, tags: [{tag: "a b", digest: DIGEST}]}   | images[0].tags[0].tag
            {image: registry.test/app, platforms: [amd64], tags: []}           | images[0].platforms
            {image: registry.test/app, color: red, tags: []}                   | images[0].color
            {image: registry.test/app, tags: [{tag: a, digest: DIGEST}, {tag: a, digest: DIGEST}]} | images
            """)
    void problems_nameTheirPlace(String image, String path) {
        MirrorShard shard = MirrorReader.parse(table(image.replace("DIGEST", "\"" + DIGEST + "\"")));
        assertThat(shard.tags()).isEmpty();
        assertThat(shard.problems()).extracting(Problem::path).contains(path);
    }

    @Test
    void rulesAndGroups_areRead_withKeysOfLaterVersions() {
        MirrorShard shard = MirrorReader.parse("""
                {version: 1, keep: [
                  {resource: app, group: g, most: 3, bandwidth: 50Mi, spread: 10m, mood: good},
                  {resource: all, spread: 1h}]}
                """);
        assertThat(shard.problems()).isEmpty();
        assertThat(shard.rules())
                .containsExactly(
                        new KeepRule("app", "g", 3, new Keeping(true, 50L << 20, Duration.ofMinutes(10))),
                        new KeepRule("all", "", Integer.MAX_VALUE, new Keeping(true, 0, Duration.ofHours(1))));
        // Bits 0 and 2.
        MirrorShard nodes = MirrorReader.parse(
                "{version: 1, revision: r, nodes: [a, b, c], groups: [{name: g, members: BQ==, mood: good}]}");
        assertThat(nodes.problems()).isEmpty();
        assertThat(nodes.groups()).containsExactly(Map.entry("g", List.of("a", "c")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            keep: [{most: 0}]                              | keep[0].most
            keep: [{bandwidth: fast}]                      | keep[0].bandwidth
            keep: [{spread: 25h}]                          | keep[0].spread
            keep: [app]                                    | keep[0]
            nodes: [a], groups: [{name: g, members: "BQ=="}] | groups[0].members
            nodes: [a], groups: [{name: g, members: "!"}]  | groups[0].members
            """)
    void problemsOfRules_nameTheirPlace(String more, String path) {
        MirrorShard shard = MirrorReader.parse("{version: 1, " + more + "}");
        assertThat(shard.problems()).extracting(Problem::path).contains(path);
        assertThat(shard.rules()).isEmpty();
        assertThat(shard.groups()).isEmpty();
    }

    @Test
    void otherVersion_isRefused() {
        assertThat(MirrorReader.parse("{version: 2}").problems()).isNotEmpty();
        assertThat(MirrorReader.parse("[]").problems()).isNotEmpty();
        assertThat(MirrorReader.parse("{").problems()).isNotEmpty();
    }
}
