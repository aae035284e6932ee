package dev.larder.operator.mirroredimage;

import static dev.larder.operator.mirroredimage.Specs.digest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.nodecache.config.KeepRule;
import dev.larder.nodecache.config.MirrorReader;
import dev.larder.nodecache.config.MirrorShard;
import dev.larder.nodecache.oci.Keeping;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is rendered is what the node cache reads. */
class TagTableTest {

    private static TagTable.Part part(String name, String created, String... tags) {
        return ruled(name, created, "", tags);
    }

    private static TagTable.Part ruled(String name, String created, String rule, String... tags) {
        return new TagTable.Part(
                name,
                "uid-" + name,
                created,
                Specs.SOURCE,
                List.of("linux/amd64"),
                true,
                List.of(tags).stream()
                        .map(tag -> new TagTable.Entry(tag, digest(name.hashCode() & 0xff), List.of(digest(9))))
                        .toList(),
                "",
                rule);
    }

    @Test
    void rendered_isWhatTheNodeCacheReads() {
        TagTable.Shard shard = TagTable.render(3, List.of(part("app", "2026-01-01T00:00:00Z", "1.27", "1.28")));
        MirrorShard read = MirrorReader.parse(shard.text());
        assertThat(read.problems()).isEmpty();
        assertThat(read.revision()).isEqualTo(shard.revision());
        assertThat(read.tags()).hasSize(2).first().satisfies(tag -> {
            assertThat(tag.resource()).isEqualTo("app");
            assertThat(tag.repository()).hasToString(Specs.SOURCE);
            assertThat(tag.tag()).hasToString("1.27");
            assertThat(tag.before()).singleElement().asString().isEqualTo(digest(9));
            assertThat(tag.platforms()).singleElement().asString().isEqualTo("linux/amd64");
            assertThat(tag.open()).isTrue();
        });
    }

    @Test
    void rules_areWhatTheNodeCacheReads() {
        MirroredImage image = Specs.image(
                "app",
                "2026-01-01T00:00:00Z",
                "to: {nodes: {keep: 3, selector: {matchLabels: {pool: a}}, bandwidth: 50Mi, spread: 10m}}");
        TagTable.Part part = TagTable.Part.of(image, List.of(), true);
        TagTable.Shard shard = TagTable.render(
                3, List.of(ruled("app", "2026-01-01T00:00:00Z", part.rule(), "1.27"), part("b", "2026", "1.28")));
        MirrorShard read = MirrorReader.parse(shard.rules());
        assertThat(read.problems()).isEmpty();
        assertThat(read.rules())
                .containsExactly(
                        new KeepRule("app", part.group(), 3, new Keeping(true, 50L << 20, Duration.ofMinutes(10))));
        assertThat(part.group()).isNotEmpty();
    }

    @Test
    void withoutWishes_thereIsNoRule() {
        for (String nodes : List.of("{}", "{keep: All}", "{selector: {matchLabels: {}}, spread: 0s}")) {
            TagTable.Part part =
                    TagTable.Part.of(Specs.image("app", "2026", "to: {nodes: " + nodes + "}"), List.of(), true);
            assertThat(part.rule()).isEmpty();
            assertThat(part.group()).isEmpty();
        }
    }

    @Test
    void fileOfTags_isWithoutRules_asANodeCacheOfBeforeReadsIt_andHasAnotherRevision() {
        TagTable.Shard without = TagTable.render(0, List.of(part("a", "2026", "1")));
        TagTable.Shard with = TagTable.render(0, List.of(ruled("a", "2026", "{\"resource\":\"a\"}", "1")));
        assertThat(with.text()).isEqualTo(without.text().replace(without.revision(), with.revision()));
        assertThat(with.revision()).isNotEqualTo(without.revision());
        assertThat(without.rules()).isEmpty();
    }

    @Test
    void sameParts_giveTheSameText_inAnyOrder() {
        TagTable.Part first = part("a", "2026-01-01T00:00:00Z", "1");
        TagTable.Part second = part("b", "2026-01-02T00:00:00Z", "2");
        assertThat(TagTable.render(0, List.of(second, first))).isEqualTo(TagTable.render(0, List.of(first, second)));
    }

    @Test
    void tagOfTwoResources_isTheOlders() {
        TagTable.Shard shard = TagTable.render(
                0,
                List.of(
                        part("younger", "2026-02-01T00:00:00Z", "1.27", "1.28"),
                        part("older", "2026-01-01T00:00:00Z", "1.27")));
        MirrorShard read = MirrorReader.parse(shard.text());
        assertThat(read.problems()).isEmpty();
        assertThat(read.tags())
                .extracting(tag -> tag.resource() + " " + tag.tag())
                .containsExactly("older 1.27", "younger 1.28");
    }

    @Test
    void file_staysBelowItsBound_andSaysWhatDoesNotFit() {
        List<TagTable.Part> parts = IntStream.range(0, 60)
                .mapToObj(n -> part(
                        String.format("app%02d", n),
                        "2026-01-01T00:00:00Z",
                        IntStream.range(0, 200).mapToObj(t -> n + "." + t).toArray(String[]::new)))
                .toList();
        TagTable.Shard shard = TagTable.render(0, parts);
        assertThat(shard.text().length()).isLessThanOrEqualTo(TagTable.MAX_BYTES + 1000);
        assertThat(shard.contents()).containsKey("app00").hasSizeLessThan(60);
        assertThat(TagTable.render(0, List.of()).text()).isEmpty();
    }
}
