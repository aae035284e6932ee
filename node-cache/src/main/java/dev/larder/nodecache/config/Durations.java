package dev.larder.nodecache.config;

import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as the config file writes them: {@code 250ms}, {@code 10s}, {@code 5m}, {@code 1h}, {@code 2h30m}. */
final class Durations {

    /** Longer than any that makes sense, and short enough for the pattern and the sum. */
    private static final int MAX_LENGTH = 64;

    private static final Pattern TEXT = Pattern.compile("(?:\\d{1,9}(?:ms|s|m|h|d))+");
    private static final Pattern PART = Pattern.compile("(\\d+)(ms|s|m|h|d)");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));

    private Durations() {}

    static Duration parse(String text) {
        if (text.length() > MAX_LENGTH
                || (!text.equals("0") && !TEXT.matcher(text).matches())) {
            throw new IllegalArgumentException("not a duration such as 250ms, 10s, 5m, 1h, 7d or 2h30m");
        }
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(text);
        while (part.find()) {
            Duration unit = UNITS.getOrDefault(part.group(2), Duration.ZERO);
            sum = sum.plus(unit.multipliedBy(Long.parseLong(part.group(1))));
        }
        return sum;
    }

    static String print(Duration duration) {
        return duration.toMillis() % 1000 == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
    }
}
