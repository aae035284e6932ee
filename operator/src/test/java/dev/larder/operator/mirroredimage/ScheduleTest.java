package dev.larder.operator.mirroredimage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.ScheduleSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScheduleTest {

    private static final Instant NOON = Instant.parse("2026-03-28T12:00:00Z");

    /** A uid that moves nothing. */
    private static final String STILL = "";

    private static Schedule of(String cron, String zone, String uid) {
        return Schedule.of(new ScheduleSpec(cron, zone), uid);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0 * * * *    | UTC           | 2026-03-28T12:00:00Z | 2026-03-28T13:00:00Z
            0 3 * * *    | UTC           | 2026-03-28T12:00:00Z | 2026-03-29T03:00:00Z
            0 3 * * *    | Europe/Berlin | 2026-03-27T12:00:00Z | 2026-03-28T02:00:00Z
            0 3 * * *    | Europe/Berlin | 2026-03-29T12:00:00Z | 2026-03-30T01:00:00Z
            */15 * * * * | UTC           | 2026-03-28T12:01:00Z | 2026-03-28T12:15:00Z
            0 0 1 1 *    | UTC           | 2026-03-28T12:00:00Z | 2027-01-01T00:00:00Z
            """)
    void next(String cron, String zone, Instant from, Instant expected) {
        assertThat(of(cron, zone, STILL).after(from)).isEqualTo(expected);
    }

    @Test
    void missedRuns_areOne() {
        Schedule hourly = of("0 * * * *", "UTC", STILL);
        Instant lastCheck = NOON.minus(Duration.ofDays(3));
        assertThat(hourly.after(lastCheck)).isBefore(NOON);
        assertThat(hourly.after(NOON)).isEqualTo(NOON.plus(Duration.ofHours(1)));
    }

    @Test
    void resources_areSpread_eachAlwaysAlike() {
        List<Instant> times = IntStream.range(0, 1000)
                .mapToObj(n -> of("0 * * * *", "UTC", "uid-" + n * 7919).after(NOON))
                .toList();
        assertThat(times)
                .allSatisfy(time -> assertThat(time)
                        .isBetween(NOON, NOON.plus(Duration.ofHours(1)).plus(Duration.ofMinutes(5))))
                .doesNotContain(NOON);
        assertThat(times.stream().distinct().count()).isGreaterThan(150);
        assertThat(of("0 * * * *", "UTC", "uid-7").after(NOON))
                .isEqualTo(of("0 * * * *", "UTC", "uid-7").after(NOON));
    }

    @Test
    void movedTime_isReachedEvenWhenTheUnmovedOneIsPast() {
        Schedule moved = of("0 * * * *", "UTC", "some-uid");
        Instant first = moved.after(NOON.minusSeconds(1));
        assertThat(first).isAfterOrEqualTo(NOON).isBefore(NOON.plus(Duration.ofMinutes(5)));
        if (first.isAfter(NOON)) {
            assertThat(moved.after(NOON)).isEqualTo(first);
        }
        assertThat(moved.after(first)).isEqualTo(first.plus(Duration.ofHours(1)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            61 * * * *  | UTC     | spec.schedule.cron     | 0 3 * * *
            a b c d e   | UTC     | spec.schedule.cron     | 0 3 * * *
            0 * * * *   | Berlin  | spec.schedule.timeZone | Europe/Berlin
            """)
    void wrongOnes_nameFieldAndRemedy(String cron, String zone, String field, String remedy) {
        assertThat(Schedule.problems(new ScheduleSpec(cron, zone)))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.field()).isEqualTo(field);
                    assertThat(problem.message()).contains(remedy);
                });
    }
}
