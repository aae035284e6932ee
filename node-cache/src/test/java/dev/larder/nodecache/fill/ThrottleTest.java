package dev.larder.nodecache.fill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ThrottleTest {

    private static final int PIECE = 1000;

    @Test
    void withoutABound_nothingWaits() {
        assertThat(new Throttle(0).after(PIECE, 0)).isZero();
    }

    @Test
    void pieces_costTheirTime_together() {
        Throttle throttle = new Throttle(PIECE);
        assertThat(throttle.after(PIECE, 5)).isEqualTo(Duration.ofSeconds(1));
        assertThat(throttle.after(PIECE / 2, 5)).isEqualTo(Duration.ofMillis(1500));
    }

    @Test
    void timeThatWasNotUsed_isNotSavedUp() {
        Throttle throttle = new Throttle(PIECE);
        throttle.after(PIECE, 0);
        assertThat(throttle.after(PIECE, Duration.ofSeconds(60).toNanos())).isEqualTo(Duration.ofSeconds(1));
    }
}
