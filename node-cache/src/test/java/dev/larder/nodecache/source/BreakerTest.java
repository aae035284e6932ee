package dev.larder.nodecache.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class BreakerTest {

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    private final Clock clock = new Clock() {
        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    };
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
        now = now.plus(Duration.ofSeconds(1));
        assertThat(breaker.allows()).isTrue();
        assertThat(breaker.allows()).isFalse();
    }

    @Test
    void pausesGrow_andASuccessEndsThem() {
        fail(3);
        for (int pause : new int[] {1, 2, 4, 8, 15, 15}) {
            now = now.plus(Duration.ofSeconds(pause)).minusMillis(1);
            assertThat(breaker.allows()).isFalse();
            now = now.plusMillis(1);
            assertThat(breaker.allows()).isTrue();
            breaker.failed();
        }
        breaker.succeeded();
        assertThat(breaker.allows()).isTrue();
        fail(2);
        assertThat(breaker.allows()).isTrue();
    }
}
