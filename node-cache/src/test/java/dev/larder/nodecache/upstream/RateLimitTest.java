package dev.larder.nodecache.upstream;

import static dev.larder.nodecache.upstream.RateLimit.Kind.MANIFEST;
import static dev.larder.nodecache.upstream.RateLimit.Kind.OTHER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.fake.SettableClock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitTest {

    private final SettableClock clock = new SettableClock();
    private final RateLimit limit = new RateLimit(clock, 20);

    @Test
    void unknownAndOpen_untilAnUpstreamSaysSomething() {
        limit.saw(MANIFEST, 200, Map.of());
        assertThat(limit.remaining()).isEmpty();
        assertThat(limit.closedUntil(MANIFEST)).isEmpty();
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource({"76;w=21600, 76", "' 5 ; w=60', 5", "12, 12", "0;w=21600, 0", "-1, -1", "many, -1", "99999999999, -1"})
    void remaining_isReadFromTheHeader(String header, long expected) {
        limit.saw(MANIFEST, 200, Map.of("ratelimit-remaining", header));
        assertThat(limit.remaining().orElse(-1)).isEqualTo(expected);
    }

    private Duration closedFor(RateLimit.Kind kind) {
        return limit.closedUntil(kind)
                .map(until -> Duration.between(clock.instant(), until))
                .orElse(Duration.ZERO);
    }

    @Test
    void usedUp_closesManifestsUntilTheWindowHasRoomForOneMore() {
        limit.saw(MANIFEST, 200, Map.of("ratelimit-limit", "100;w=21600", "ratelimit-remaining", "0;w=21600"));
        assertThat(closedFor(MANIFEST)).isEqualTo(Duration.ofSeconds(216));
        assertThat(closedFor(OTHER)).isZero();
        clock.advance(Duration.ofSeconds(216));
        assertThat(closedFor(MANIFEST)).isZero();
    }

    @ParameterizedTest(name = "429 with Retry-After {0} closes for {1} s")
    @CsvSource({"30, 30", "' 7 ', 7", "0, 0", "'', 5", "soon, 5", "-3, 5", "86400, 900"})
    void refused_closesAsLongAsTheUpstreamSays_withinReason(String header, long seconds) {
        limit.saw(MANIFEST, 429, Map.of("retry-after", header));
        assertThat(closedFor(MANIFEST)).isEqualTo(Duration.ofSeconds(seconds));
        assertThat(closedFor(OTHER)).isZero();
    }

    @Test
    void refused_untilADate() {
        clock.advance(Duration.between(
                clock.instant(), clock.instant().truncatedTo(ChronoUnit.SECONDS).plusSeconds(1)));
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                clock.instant().plusSeconds(40).atOffset(ZoneOffset.UTC));
        limit.saw(OTHER, 429, Map.of("retry-after", date));
        assertThat(closedFor(OTHER)).isEqualTo(Duration.ofSeconds(40));
    }

    @ParameterizedTest(name = "{0} of {1} left, {2} s later, HEAD {3}: kept for others {4}")
    @CsvSource({
        "76;w=21600, 100;w=21600, 0, false, false",
        "20;w=21600, 100;w=21600, 0, false, false",
        "19;w=21600, 100;w=21600, 0, false, true",
        "19;w=21600, 100;w=21600, 0, true, false",
        "19;w=21600, 100;w=21600, 216, false, false",
        "10;w=21600, 100;w=21600, 2000, false, true",
        "10;w=21600, 100;w=21600, 2200, false, false",
        "59, 600, 0, false, true",
        "59, 600, 0, true, true",
        "59, 600, 60, true, false",
        "0, 0, 0, false, false",
        "5, '', 0, false, false",
        "'', 100, 0, false, false"
    })
    void reserve_isKeptForOthers(String left, String of, long secondsLater, boolean head, boolean kept) {
        limit.saw(MANIFEST, 200, Map.of("ratelimit-remaining", left, "ratelimit-limit", of));
        clock.advance(Duration.ofSeconds(secondsLater));
        assertThat(limit.keeps(head)).isEqualTo(kept);
    }

    @Test
    void withoutAReserve_everythingMayBeUsedUp() {
        RateLimit open = new RateLimit(clock, 0);
        open.saw(MANIFEST, 200, Map.of("ratelimit-remaining", "1", "ratelimit-limit", "100"));
        assertThat(open.keeps(false)).isFalse();
        assertThat(open.limit()).hasValue(100);
    }
}
