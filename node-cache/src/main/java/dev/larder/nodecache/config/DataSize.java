package dev.larder.nodecache.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A number of bytes, written as Kubernetes quantities are: {@code 512}, {@code 20Gi}, {@code 500M}.
 *
 * @param bytes at least 0
 */
public record DataSize(long bytes) {

    private static final Pattern TEXT = Pattern.compile("(\\d{1,18})(Ki|Mi|Gi|Ti|k|M|G|T)?");
    private static final Map<String, Long> UNITS = Map.of(
            "Ki",
            1L << 10,
            "Mi",
            1L << 20,
            "Gi",
            1L << 30,
            "Ti",
            1L << 40,
            "k",
            1_000L,
            "M",
            1_000_000L,
            "G",
            1_000_000_000L,
            "T",
            1_000_000_000_000L);

    public DataSize {
        if (bytes < 0) {
            throw new IllegalArgumentException("a size is at least 0");
        }
    }

    /**
     * Reads a whole number with an optional unit.
     *
     * @throws IllegalArgumentException when it is not one, or does not fit 63 bits
     */
    public static DataSize parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "not a size: a whole number of bytes, or with Ki, Mi, Gi, Ti, k, M, G or T, as in 20Gi");
        }
        long unit = matcher.group(2) == null ? 1 : UNITS.getOrDefault(matcher.group(2), 1L);
        try {
            return new DataSize(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("a size beyond 2^63 bytes", e);
        }
    }
}
