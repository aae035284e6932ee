package dev.larder.nodecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.SettableClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakerTest {

    private final SettableClock clock = new SettableClock();
    private final Breaker breaker = new Breaker(clock, 3, Duration.ofSeconds(1), Duration.ofSeconds(15));

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            breaker.failed();
        }
    }

    @Test
    void opensAfterThreeFailures_thenLetsOneThrough() {
        fail(2);
        assertThat(breaker.allows()).isTrue();
        fail(1);
        assertThat(breaker.allows()).isFalse();
        clock.advance(Duration.ofSeconds(1));
        assertThat(breaker.allows()).isTrue();
        assertThat(breaker.allows()).isFalse();
    }

    @Test
    void whoOnlyLooks_isNoProbe() {
        fail(2);
        assertThat(breaker.isOpen()).isFalse();
        fail(1);
        assertThat(breaker.isOpen()).isTrue();
        clock.advance(Duration.ofSeconds(1));
        assertThat(breaker.isOpen()).isFalse();
        assertThat(breaker.allows()).isTrue();
        assertThat(breaker.isOpen()).isTrue();
        breaker.succeeded();
        assertThat(breaker.isOpen()).isFalse();
    }

    @Test
    void pausesGrow_andASuccessEndsThem() {
        fail(3);
        for (int pause : new int[] {1, 2, 4, 8, 15, 15}) {
            clock.advance(Duration.ofSeconds(pause).minusMillis(1));
            assertThat(breaker.allows()).isFalse();
            clock.advance(Duration.ofMillis(1));
            assertThat(breaker.allows()).isTrue();
            breaker.failed();
        }
        breaker.succeeded();
        assertThat(breaker.allows()).isTrue();
        fail(2);
        assertThat(breaker.allows()).isTrue();
    }

    @Test
    void manyThatFailAtOnce_openItForTheFirstPauseOnly() {
        fail(7);
        clock.advance(Duration.ofSeconds(1));
        assertThat(breaker.allows()).isTrue();
        fail(7);
        clock.advance(Duration.ofSeconds(2).minusMillis(1));
        assertThat(breaker.allows()).isFalse();
        clock.advance(Duration.ofMillis(1));
        assertThat(breaker.allows()).isTrue();
    }

    @Test
    void lateFailures_doNotMoveTheProbe() {
        fail(3);
        clock.advance(Duration.ofMillis(900));
        fail(1);
        clock.advance(Duration.ofMillis(100));
        assertThat(breaker.allows()).isTrue();
    }

    @Test
    void probeOfWhichNothingIsHeard_isFollowedByAnother() {
        fail(3);
        clock.advance(Duration.ofSeconds(1));
        for (int i = 0; i < 3; i++) {
            assertThat(breaker.allows()).isTrue();
            assertThat(breaker.allows()).isFalse();
            clock.advance(Duration.ofSeconds(2));
        }
    }
}
