package dev.larder.e2e.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/** One thing measured several times; the machine is noisy, so the median counts and the spread is shown. */
final class Series {

    private final String name;
    private final String unit;
    private final int decimals;
    private final List<Double> values = new ArrayList<>();

    /** Measured in {@code unit}, printed with so many decimals. */
    Series(String name, String unit, int decimals) {
        this.name = name;
        this.unit = unit;
        this.decimals = decimals;
    }

    /** Of times, in milliseconds. */
    Series(String name) {
        this(name, "ms", 0);
    }

    void add(Duration took) {
        add(took.toNanos() / 1e6);
    }

    void add(double value) {
        values.add(value);
    }

    double median() {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private double least() {
        return values.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    private double most() {
        return values.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** The median and the spread. */
    String figures() {
        return figures(" " + unit);
    }

    private String figures(String after) {
        String number = "%." + decimals + "f";
        return String.format(
                Locale.ROOT, number + "%s (" + number + " to " + number + ")", median(), after, least(), most());
    }

    /** A line with the median and the spread. */
    String alone() {
        return String.format(Locale.ROOT, "%-24s %-28s", name, figures()).stripTrailing();
    }

    /** A line with the median, the spread, and how it stands to {@code other}. */
    String beside(Series other) {
        return String.format(
                Locale.ROOT,
                "%-24s %-28s %+8." + decimals + "f %s %22s",
                name,
                figures(),
                median() - other.median(),
                unit,
                ratio(other));
    }

    /**
     * How it stands to {@code other}, which was measured by turns with it: round by round, for a slow minute of the machine
     * meets both sides of a round. The median and the spread, as in {@code 0.98x (0.91 to 1.04)}.
     */
    String ratio(Series other) {
        if (values.size() != other.values.size()) {
            throw new IllegalArgumentException(values.size() + " rounds beside " + other.values.size());
        }
        Series ratios = new Series(name, "x", 2);
        IntStream.range(0, values.size()).forEach(round -> ratios.add(values.get(round) / other.values.get(round)));
        return ratios.figures("x");
    }
}
