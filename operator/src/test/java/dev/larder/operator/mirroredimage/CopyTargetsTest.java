package dev.larder.operator.mirroredimage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.MirroredImage;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CopyTargetsTest {

    private static MirroredImage image(String name, String created, String source, String target) {
        return Specs.image(
                name,
                created,
                "source: " + source + "\ntags: {include: [a]}\nto: {repository: {url: \"" + target + "\"}}");
    }

    private static Optional<String> problem(MirroredImage image, MirroredImage... all) {
        return CopyTargets.problem(
                        image, Objects.requireNonNull(image.getSpec().to().repository()), List.of(all))
                .map(Problem::toString);
    }

    @Test
    void ontoItself_isRefused_alsoByAnotherNameOfDockerHub() {
        assertThat(problem(image("a", "1", "r.test/app", "https://r.test/app")))
                .hasValueSatisfying(text -> assertThat(text).contains("spec.to.repository.url", "the source itself"));
        assertThat(problem(image("a", "1", "docker.io/library/app", "https://registry-1.docker.io/library/app")))
                .isPresent();
        assertThat(problem(image("a", "1", "r.test/app", "https://r.test/other")))
                .isEmpty();
    }

    @Test
    void circle_isRefusedAtBothEnds() {
        MirroredImage there = image("there", "1", "a.test/app", "https://b.test/app");
        MirroredImage back = image("back", "2", "b.test/app", "https://a.test/app");
        assertThat(problem(there, there, back))
                .hasValueSatisfying(text -> assertThat(text).contains("back"));
        assertThat(problem(back, there, back))
                .hasValueSatisfying(text -> assertThat(text).contains("there"));
    }

    @Test
    void repositoryOfAnOlderOne_isRefused() {
        MirroredImage older = image("older", "1", "a.test/app", "https://t.test/app");
        MirroredImage younger = image("younger", "2", "b.test/app", "https://t.test/app");
        assertThat(problem(younger, older, younger))
                .hasValueSatisfying(text -> assertThat(text).contains("older MirroredImage older"));
        assertThat(problem(older, older, younger)).isEmpty();
    }
}
