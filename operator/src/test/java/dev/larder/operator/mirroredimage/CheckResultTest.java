package dev.larder.operator.mirroredimage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.MirroredImageStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class CheckResultTest {

    private static final Instant AT = Instant.parse("2026-11-26T10:00:00.750Z");
    private static final CheckResult RESULT =
            CheckResult.failed(new CheckResult.Asked(1, null), AT, UpstreamCheck.UPSTREAM_FAILED, "down");

    private static MirroredImageStatus checkedAt(Instant time) {
        return new MirroredImageStatus(
                null,
                List.of(),
                List.of(),
                null,
                List.of(),
                null,
                null,
                null,
                null,
                time.toString(),
                null,
                List.of(),
                null,
                null);
    }

    @Test
    void resultIsInTheStatus_onceThatSaysItsSecondOrALaterOne() {
        assertThat(RESULT.isIn(MirroredImageStatus.NONE)).isFalse();
        assertThat(RESULT.isIn(checkedAt(AT.minus(Duration.ofSeconds(1))))).isFalse();
        assertThat(RESULT.isIn(checkedAt(AT.minus(Duration.ofMillis(750))))).isTrue();
        assertThat(RESULT.isIn(checkedAt(AT.plus(Duration.ofHours(1))))).isTrue();
    }
}
