package dev.larder.e2e.demo;

import dev.larder.e2e.pull.Pull;
import dev.larder.e2e.upstream.Traffic;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Pulls and what each of them cost the upstream, checked against what was promised and printed as a table. */
final class PullTable {
    /** Who was meant to serve a pull. */
    enum ServedBy {
        UPSTREAM_DIRECTLY("upstream, directly"),
        CACHE_FROM_UPSTREAM("node cache, from upstream"),
        CACHE_ALONE("node cache, alone");

        private final String text;

        ServedBy(String text) {
            this.text = text;
        }
    }

    private record Row(String what, ServedBy servedBy, int requests, long bytes, double seconds) {}

    private final List<Row> rows = new ArrayList<>();
    private final List<String> broken = new ArrayList<>();

    /** Adds a pull; who served it is judged by what reached the upstream. */
    void add(String what, Pull pull, Traffic traffic, ServedBy promised) {
        ServedBy servedBy = servedBy(traffic);
        rows.add(new Row(
                what, servedBy, traffic.count(), traffic.bytes(), pull.took().toNanos() / 1e9));
        check(servedBy == promised, what + ": served by " + servedBy.text + ", not by " + promised.text);
    }

    private static ServedBy servedBy(Traffic traffic) {
        if (traffic.direct().blobs().count() > 0) {
            return ServedBy.UPSTREAM_DIRECTLY;
        }
        return traffic.count() > 0 ? ServedBy.CACHE_FROM_UPSTREAM : ServedBy.CACHE_ALONE;
    }

    void check(boolean kept, String otherwise) {
        if (!kept) {
            broken.add(otherwise);
        }
    }

    /** The promises that were not kept, in words. */
    List<String> broken() {
        return List.copyOf(broken);
    }

    void print(PrintStream out) {
        out.printf("%n%-44s %-26s %9s %12s %8s%n", "pull", "served by", "upstream", "bytes from", "time");
        out.printf("%-44s %-26s %9s %12s %8s%n", "", "", "requests", "upstream", "");
        for (Row row : rows) {
            out.printf(
                    Locale.ROOT,
                    "%-44s %-26s %9d %12d %6.2f s%n",
                    row.what,
                    row.servedBy.text,
                    row.requests,
                    row.bytes,
                    row.seconds);
        }
        out.println();
    }
}
