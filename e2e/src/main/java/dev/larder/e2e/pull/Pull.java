package dev.larder.e2e.pull;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A pull that a kubelet has finished: {@code took} and {@code imageBytes} are as its event says. */
public record Pull(String image, String node, Duration took, long imageBytes) {
    /** For example {@code Successfully pulled image "nginx:1.22" in 312ms (312ms including waiting). Image size: 123 bytes.} */
    private static final Pattern MESSAGE =
            Pattern.compile("Successfully pulled image \"[^\"]+\" in (\\S+) \\(.*\\)\\. Image size: (\\d+) bytes\\.");

    private static final Pattern GO_DURATION = Pattern.compile("(?:(\\d+)h)?(?:(\\d+)m)?(?:([\\d.]+)(ms|µs|us|ns|s))?");

    static Pull of(String image, String node, String message) {
        Matcher matcher = MESSAGE.matcher(message);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not the message of a finished pull: " + message);
        }
        return new Pull(image, node, duration(matcher.group(1)), Long.parseLong(matcher.group(2)));
    }

    static boolean finished(String message) {
        return MESSAGE.matcher(message).matches();
    }

    /** A duration as Go prints it, for example {@code 1m2.5s} or {@code 312.5ms}. */
    static Duration duration(String text) {
        Matcher matcher = GO_DURATION.matcher(text);
        if (text.isEmpty() || !matcher.matches()) {
            throw new IllegalArgumentException("not a duration: " + text);
        }
        Duration whole = Duration.ofHours(number(matcher.group(1))).plusMinutes(number(matcher.group(2)));
        String fraction = matcher.group(3);
        return fraction == null
                ? whole
                : whole.plusNanos(Math.round(Double.parseDouble(fraction) * nanos(matcher.group(4))));
    }

    private static long number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : Long.parseLong(digits);
    }

    private static double nanos(String unit) {
        return switch (unit) {
            case "s" -> 1e9;
            case "ms" -> 1e6;
            case "us", "µs" -> 1e3;
            default -> 1;
        };
    }
}
