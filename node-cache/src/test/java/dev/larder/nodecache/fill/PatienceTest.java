package dev.larder.nodecache.fill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PatienceTest {

    private static final Duration WHOLE = Duration.ofSeconds(30);

    private final Patience patience = new Patience(WHOLE);

    /** The same little bit and the same silence, until it is over. */
    private Duration silence(Duration each, int bytes) {
        Duration sum = Duration.ZERO;
        while (!patience.isOver() && sum.compareTo(Duration.ofHours(1)) < 0) {
            patience.received(bytes);
            Duration wait = each.compareTo(patience.forOnePiece()) < 0 ? each : patience.forOnePiece();
            patience.waited(wait);
            sum = sum.plus(wait);
        }
        return sum;
    }

    @Test
    void nothingAtAll_endsAfterTheWhole_inThreeTries() {
        assertThat(patience.forOnePiece()).isEqualTo(Duration.ofSeconds(10));
        assertThat(silence(Duration.ofSeconds(10), 0)).isEqualTo(WHOLE);
    }

    @Test
    void aLittleBeforeEachStall_buysLittleTime() {
        assertThat(silence(Duration.ofSeconds(10), 300_000)).isLessThan(Duration.ofSeconds(35));
    }

    @Test
    void anotherSource_bringsItsOwnPurse_usedUpAsFar() {
        patience.waited(Duration.ofSeconds(15));
        patience.becomes(Duration.ofSeconds(60));
        assertThat(patience.forOnePiece()).isEqualTo(Duration.ofSeconds(20));
        assertThat(patience.forOneStream(Duration.ofHours(1))).isEqualTo(Duration.ofSeconds(30));
        patience.becomes(Duration.ofSeconds(6));
        assertThat(patience.forOneStream(Duration.ofHours(1))).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void slowButSteady_goesOnForEver() {
        assertThat(silence(Duration.ofMillis(900), 1000)).isGreaterThanOrEqualTo(Duration.ofHours(1));
    }

    @Test
    void muchBeforeEachStall_goesOnForEver() {
        assertThat(silence(Duration.ofSeconds(8), 10 << 20)).isGreaterThanOrEqualTo(Duration.ofHours(1));
    }

    @Test
    void breaksWithoutAnyWait_endToo() {
        for (int i = 0; i < 29; i++) {
            patience.startedAgain();
            assertThat(patience.isOver()).isFalse();
        }
        patience.startedAgain();
        assertThat(patience.isOver()).isTrue();
    }

    @Test
    void whatIsLeft_boundsTheNextWait() {
        patience.waited(Duration.ofSeconds(25));
        assertThat(patience.forOnePiece()).isEqualTo(Duration.ofSeconds(5));
        assertThat(patience.forOneStream(Duration.ofSeconds(10))).isEqualTo(Duration.ofSeconds(5));
        assertThat(patience.forOneStream(Duration.ofSeconds(2))).isEqualTo(Duration.ofSeconds(2));
    }
}
