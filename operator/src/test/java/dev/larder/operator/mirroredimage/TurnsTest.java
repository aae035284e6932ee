package dev.larder.operator.mirroredimage;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TurnsTest {

    private static final Instant NOW = Instant.parse("2026-11-22T06:00:00Z");
    private static final Duration PACE = Duration.ofMillis(50);

    private static final Duration LONG_WAIT = Duration.ofSeconds(10);
    private static final Duration FAST_PACE = Duration.ofMillis(10);

    private final Turns turns = new Turns(10, PACE, LONG_WAIT, FAST_PACE);

    private long now(Instant now, int from, int to) {
        return IntStream.range(from, to)
                .filter(n -> turns.untilTurnOf("uid" + n, now).isZero())
                .count();
    }

    @Test
    void fewAtOnce_theOthersAtAnEvenPace() {
        assertThat(now(NOW, 0, 1000)).isEqualTo(10);
        assertThat(turns.untilTurnOf("uid10", NOW)).isEqualTo(PACE);
        assertThat(turns.untilTurnOf("uid199", NOW)).isEqualTo(PACE.multipliedBy(190));
        assertThat(now(NOW.plusSeconds(1), 10, 1000)).isEqualTo(20);
        assertThat(now(NOW.plusSeconds(60), 30, 1000)).isEqualTo(970);
    }

    @Test
    void thoseThatWouldWaitForLong_goFaster() {
        now(NOW, 0, 2000);
        assertThat(now(NOW.plus(LONG_WAIT), 10, 2000)).isEqualTo(200);
        assertThat(now(NOW.plus(LONG_WAIT).plusSeconds(1), 210, 2000)).isBetween(95L, 100L);
        assertThat(turns.untilTurnOf("uid1999", NOW)).isLessThan(Duration.ofSeconds(28));
    }

    @Test
    void fiveThousandDueEachMinute_allHaveTheirTurnInIt() {
        Duration latest = Duration.ZERO;
        for (int minute = 0; minute < 60; minute++) {
            Instant due = NOW.plus(Duration.ofMinutes(minute));
            for (int n = 0; n < 5000; n++) {
                Duration late = turns.untilTurnOf("uid" + n, due);
                if (!late.isZero()) {
                    assertThat(turns.untilTurnOf("uid" + n, due.plus(late))).isZero();
                }
                latest = late.compareTo(latest) > 0 ? late : latest;
            }
        }
        assertThat(latest).isLessThan(Duration.ofMinutes(1));
    }

    @Test
    void askingEarly_losesNoTurn_andATurnIsTakenOnce() {
        now(NOW, 0, 11);
        assertThat(turns.untilTurnOf("uid10", NOW.plusMillis(20))).isEqualTo(Duration.ofMillis(30));
        assertThat(turns.untilTurnOf("uid10", NOW.plus(PACE))).isZero();
        assertThat(turns.untilTurnOf("uid10", NOW.plus(PACE))).isEqualTo(PACE);
    }

    @Test
    void afterARest_aFewMayBeginTogetherAgain() {
        assertThat(now(NOW, 0, 100)).isEqualTo(10);
        assertThat(now(NOW.plusSeconds(3600), 200, 300)).isEqualTo(10);
    }

    @Test
    void forgotten_waitsNoMore() {
        now(NOW, 0, 11);
        turns.forget("uid10");
        assertThat(turns.untilTurnOf("uid10", NOW)).isEqualTo(PACE.multipliedBy(2));
    }
}
