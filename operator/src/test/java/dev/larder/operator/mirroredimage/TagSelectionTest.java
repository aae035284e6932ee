package dev.larder.operator.mirroredimage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.LeftOutTag;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TagSelectionTest {

    private static final List<String> AVAILABLE = List.of(
            "latest", "1.25", "1.26.0", "1.26.1", "v1.27.0", "1.27.3", "1.27.3-perl", "1.28.0-rc.1", "2.0.0", "stable");

    private static TagSelection of(String rules) {
        return new TagSelection(Specs.tags(rules));
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', textBlock = """
            {include: ["1.27.3"]}                          ; 1.27.3
            {include: ["1.26.*"]}                          ; 1.26.1 1.26.0
            {include: ["1.2?.*"], exclude: ["*-*"]}        ; 1.27.3 1.26.1 1.26.0
            {include: ["*"], exclude: ["*.*"]}             ; latest stable
            {regex: "1[.]26[.][0-9]+"}                     ; 1.26.1 1.26.0
            {semver: ">=1.26 <2"}                          ; 1.27.3 v1.27.0 1.26.1 1.26.0
            {semver: ">=1.28.0-0 <2"}                      ; 1.28.0-rc.1
            {semver: "1.25.x || 2"}                        ; 2.0.0 1.25
            {semver: ">=1.26", newest: 2}                  ; 2.0.0 1.27.3
            {newest: 3}                                    ; 2.0.0 1.28.0-rc.1 1.27.3
            {include: ["1.*"], newest: 1, exclude: ["*-*"]} ; 1.27.3
            {semver: ">=9"}                                ; ``
            """)
    void chosen(String rules, String expected) {
        List<String> wanted = expected.isEmpty() ? List.of() : Arrays.asList(expected.split(" ", -1));
        assertThat(of(rules).choose(AVAILABLE).tags()).isEqualTo(wanted);
    }

    @Test
    void leftOut_hasTheRuleThatDidIt() {
        TagSelection.Chosen chosen =
                of("{include: [\"1.*\", \"2*\", latest], exclude: [\"*-perl\"], semver: \"<2\", newest: 1}")
                        .choose(AVAILABLE);
        assertThat(chosen.tags()).containsExactly("1.27.3");
        assertThat(chosen.leftOut())
                .contains(
                        new LeftOutTag("stable", "tags.include has no entry that matches"),
                        new LeftOutTag("1.27.3-perl", "tags.exclude: *-perl"),
                        new LeftOutTag("2.0.0", "tags.semver: 2.0.0 is outside of the range"),
                        new LeftOutTag("latest", "tags.semver: the tag is no version"),
                        new LeftOutTag("1.26.1", "tags.newest: 1 others have a higher version"));
        assertThat(chosen.leftOut().getFirst().tag()).isEqualTo("2.0.0");
    }

    @Test
    void tooManyTags_areCutWithTheReason() {
        List<String> many = IntStream.range(0, 250).mapToObj(n -> "1.0." + n).toList();
        TagSelection.Chosen chosen = of("{include: [\"*\"]}").choose(many);
        assertThat(chosen.tags()).hasSize(200).startsWith("1.0.249");
        assertThat(chosen.leftOut()).hasSize(50).allSatisfy(tag -> assertThat(tag.reason())
                .contains("at most 200"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {regex: "("}                    | spec.tags.regex  | RE2
            {regex: "(?=a)b"}               | spec.tags.regex  | look-around
            {regex: "((a{1,900}){1,900})"}  | spec.tags.regex  | too large
            {semver: "banana"}              | spec.tags.semver | not a range
            {semver: ">=banana <2"}         | spec.tags.semver | not a range
            {semver: ">="}                  | spec.tags.semver | not a range
            """)
    void impossibleRules_nameFieldAndRemedy(String rules, String field, String message) {
        assertThat(TagSelection.problems(Specs.tags(rules))).singleElement().satisfies(problem -> {
            assertThat(problem.field()).isEqualTo(field);
            assertThat(problem.message()).contains(message);
        });
    }

    @Test
    void expressionThatWouldBacktrackForEver_doesNot() {
        TagSelection selection = of("{regex: \"(a*)*(a*)*b\"}");
        String evil = "a".repeat(128);
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertThat(selection.choose(List.of(evil)).tags()).isEmpty());
        TagSelection stars = of("{include: [\"" + "*a".repeat(60) + "b\"]}");
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertThat(stars.choose(List.of(evil)).tags()).isEmpty());
    }

    @Test
    void names_needNoList() {
        assertThat(of("{include: [\"1.27\", \"1.28\"]}").named()).hasValue(List.of("1.27", "1.28"));
        assertThat(of("{include: [\"1.27\", \"1.*\"]}").named()).isEmpty();
        assertThat(of("{regex: \"a\"}").named()).isEmpty();
    }
}
