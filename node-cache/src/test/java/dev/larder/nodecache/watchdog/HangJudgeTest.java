package dev.larder.nodecache.watchdog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.watchdog.CacheProbe.Answer;
import dev.larder.nodecache.watchdog.ProcessSample.ThreadSample;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HangJudgeTest {

    private static final Duration PROBE = Watchdog.TIMEOUT;
    private static final ProcessSample IDLE = sample('S', 0, 0, 1);

    private final HangJudge judge = new HangJudge();

    private static ProcessSample sample(char state, long ranMillis, long waitedMillis, long turns) {
        return new ProcessSample(
                Map.of(7L, new ThreadSample(state, ranMillis * 1_000_000, waitedMillis * 1_000_000, turns)));
    }

    private void serving() {
        judge.answered(Answer.SERVES);
        judge.answered(Answer.SERVES);
        assertThat(judge.health()).isEqualTo(Health.SERVING);
    }

    private boolean silent(ProcessSample now) {
        return judge.silent(PROBE, false, now);
    }

    @Test
    void nothingAsked_isUnknown() {
        assertThat(judge.health()).isEqualTo(Health.UNKNOWN);
        judge.answered(Answer.SERVES);
        assertThat(judge.health()).isEqualTo(Health.UNKNOWN);
    }

    @Test
    void shortRunOfSilence_isHung_withinASecondOfTheHang() {
        serving();
        assertThat(silent(IDLE)).isFalse();
        assertThat(silent(IDLE)).isFalse();
        assertThat(judge.health()).isEqualTo(Health.SERVING);
        assertThat(silent(IDLE)).isTrue();
        assertThat(judge.health()).isEqualTo(Health.TROUBLED);
        Duration worst = Watchdog.INTERVAL.plus(Watchdog.TIMEOUT.multipliedBy(HangJudge.SILENT_RUN));
        assertThat(worst).isLessThan(Duration.ofMillis(750));
    }

    @ParameterizedTest
    @ValueSource(chars = {'T', 't', 'S', 'Z'})
    void stoppedOrIdleThreads_areNoExcuse(char state) {
        serving();
        ProcessSample same = sample(state, 10, 5, 3);
        assertThat(silent(same)).isFalse();
        assertThat(silent(same)).isFalse();
        assertThat(silent(same)).isTrue();
    }

    @Test
    void pauseOfTheCollector_isOver_beforeItIsTakenForAHang() {
        serving();
        for (int pause = 0; pause < 10; pause++) {
            assertThat(silent(IDLE)).isFalse();
            assertThat(silent(IDLE)).isFalse();
            judge.answered(Answer.SERVES);
        }
        assertThat(judge.health()).isEqualTo(Health.SERVING);
    }

    @Test
    void threadThatWaitsForACpu_isAnExcuseForAFewSecondsOnly() {
        serving();
        long waited = 0;
        Duration silence = Duration.ZERO;
        boolean hung = false;
        while (!hung) {
            assertThat(silence).isLessThan(HangJudge.EXCUSED_AT_MOST);
            if (silence.compareTo(HangJudge.WITHDRAW_AFTER) >= 0) {
                assertThat(judge.health()).isEqualTo(Health.TROUBLED);
            }
            waited += 200;
            hung = silent(sample('R', 1, waited, 2));
            silence = silence.plus(PROBE);
        }
        assertThat(silence).isGreaterThanOrEqualTo(HangJudge.EXCUSED_AT_MOST);
    }

    @Test
    void threadReadyAllAlongWithoutACpu_isStarved() {
        assertThat(HangJudge.starved(sample('R', 5, 5, 5), sample('R', 6, 5, 5), PROBE))
                .isTrue();
        assertThat(HangJudge.starved(sample('R', 5, 5, 5), sample('R', 240, 5, 9), PROBE))
                .as("busy on a CPU is not starved")
                .isFalse();
        assertThat(HangJudge.starved(sample('S', 5, 5, 5), sample('S', 5, 5, 5), PROBE))
                .isFalse();
    }

    @Test
    void endlessLoopWithACpuOfItsOwn_isHung() {
        serving();
        assertThat(silent(sample('R', 0, 0, 1))).isFalse();
        assertThat(silent(sample('R', 240, 1, 2))).isFalse();
        assertThat(silent(sample('R', 480, 2, 3))).isTrue();
    }

    @Test
    void diskThatGoesOnAnswering_isAnExcuse_oneThatDoesNotIsNone() {
        assertThat(HangJudge.diskBound(sample('D', 0, 0, 10), sample('D', 0, 0, 14)))
                .isTrue();
        assertThat(HangJudge.diskBound(sample('D', 0, 0, 10), sample('D', 0, 0, 10)))
                .isFalse();
        assertThat(HangJudge.diskBound(sample('S', 0, 0, 10), sample('S', 0, 0, 14)))
                .isFalse();
        serving();
        for (int turns = 10; turns < 50; turns += 4) {
            assertThat(silent(sample('D', 0, 0, turns))).isFalse();
        }
        serving();
        assertThat(silent(sample('D', 0, 0, 10))).isFalse();
        assertThat(silent(sample('D', 0, 0, 10))).isFalse();
        assertThat(silent(sample('D', 0, 0, 10))).isTrue();
    }

    @Test
    void ownLateness_doesNotCountAgainstTheCache() {
        serving();
        for (int i = 0; i < 50; i++) {
            assertThat(judge.silent(PROBE, true, IDLE)).isFalse();
        }
        assertThat(judge.health()).as("but pulls are not sent there").isEqualTo(Health.TROUBLED);
        assertThat(silent(IDLE))
                .as("the time has run out as soon as we are in time again")
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"CLOSED", "REFUSES"})
    void noService_withdrawsAtTheSecondTimeAndNeverEnds(Answer answer) {
        serving();
        judge.answered(answer);
        assertThat(judge.health()).isEqualTo(Health.SERVING);
        judge.answered(answer);
        assertThat(judge.health()).isEqualTo(Health.TROUBLED);
        judge.answered(Answer.SERVES);
        assertThat(judge.health()).isEqualTo(Health.TROUBLED);
        judge.answered(Answer.SERVES);
        assertThat(judge.health()).isEqualTo(Health.SERVING);
    }

    @Test
    void silence_withdrawsInTimeWhateverItsReason() {
        assertThat(HangJudge.WITHDRAW_AFTER.plus(Watchdog.INTERVAL).plus(Watchdog.TIMEOUT))
                .isLessThan(Duration.ofMillis(1800));
    }
}
