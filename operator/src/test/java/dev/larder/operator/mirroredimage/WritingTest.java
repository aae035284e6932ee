package dev.larder.operator.mirroredimage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WritingTest {

    private static final Instant NOW = Instant.parse("2026-11-22T06:00:00Z");

    private final Writing writing = new Writing(true);

    @Test
    void whatChangesWhileItIsWritten_isNotThere_andIsWrittenNext() {
        assertThat(writing.isKnown()).isFalse();
        writing.changed("nginx");
        writing.begins();
        assertThat(writing.isBeingWritten()).isTrue();
        assertThat(writing.isChanged("nginx")).isTrue();
        assertThat(writing.isKnown()).isFalse();
        writing.changed("redis");
        writing.isThere("first", Map.of("nginx", "1"), NOW);
        assertThat(writing.isKnown()).isTrue();
        assertThat(writing.isBeingWritten()).isFalse();
        assertThat(writing.isChanged("nginx")).isFalse();
        assertThat(writing.isChanged("redis")).isTrue();
        assertThat(writing.isDirty()).isTrue();

        writing.begins();
        writing.isThere("second", Map.of("nginx", "1", "redis", "1"), NOW);
        assertThat(writing.isDirty()).isFalse();
        assertThat(writing.revisionsWith("nginx").orElseThrow()).containsExactlyInAnyOrder("first", "second");
        assertThat(writing.revisionsWith("redis").orElseThrow()).containsExactly("second");
    }

    @ParameterizedTest
    @CsvSource({"0, 3000", "50, 3000", "200, 9600", "5000, 30000"})
    void theLongerAWriteTook_theLaterIsTheNext_withinBounds(long tookMillis, long pauseMillis) {
        writing.begins();
        writing.took(Duration.ofMillis(tookMillis));
        writing.isThere("first", Map.of(), NOW);
        assertThat(writing.pause()).isEqualTo(Duration.ofMillis(pauseMillis));
        assertThat(writing.mayBeWritten(NOW.plusMillis(pauseMillis - 1))).isFalse();
        assertThat(writing.mayBeWritten(NOW.plusMillis(pauseMillis))).isTrue();
    }

    @Test
    void whatCouldNotBeWritten_isStillToBeWritten() {
        writing.changed("nginx");
        writing.begins();
        writing.isNotThere();
        assertThat(writing.isBeingWritten()).isFalse();
        assertThat(writing.isDirty()).isTrue();
        assertThat(writing.isChanged("nginx")).isTrue();
        assertThat(writing.isKnown()).isFalse();
    }

    @Test
    void whatWasOnlyLookedAt_isAsItWas() {
        writing.begins();
        writing.isThere("first", Map.of("nginx", "1"), NOW);
        writing.begins();
        assertThat(writing.isChanged("nginx")).isFalse();
        writing.isNotThere();
        assertThat(writing.isDirty()).isFalse();
        assertThat(writing.revisionsWith("nginx").orElseThrow()).containsExactly("first");
    }
}
