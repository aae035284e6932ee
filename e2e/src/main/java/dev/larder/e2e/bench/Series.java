package dev.larder.e2e.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Times of one thing done several times; the machine is noisy, so the median counts and the spread is shown. */
final class Series {

    private final String name;
    private final List<Double> millis = new ArrayList<>();

    Series(String name) {
        this.name = name;
    }

    void add(Duration took) {
        millis.add(took.toNanos() / 1e6);
    }

    double median() {
        List<Double> sorted = millis.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }

    private double least() {
        return millis.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
    }

    private double most() {
        return millis.stream().mapToDouble(Double::doubleValue).max().orElseThrow();
    }

    /** A line with the median and the spread. */
    String alone() {
        return String.format(Locale.ROOT, "%-24s %7.0f ms  (%.0f to %.0f)", name, median(), least(), most());
    }

    /** A line with the median, the spread, and how it stands to {@code direct}. */
    String beside(Series direct) {
        return alone()
                + String.format(
                        Locale.ROOT, "   %+6.0f ms   %.2fx", median() - direct.median(), median() / direct.median());
    }
}
