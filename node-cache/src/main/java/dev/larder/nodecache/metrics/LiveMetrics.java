package dev.larder.nodecache.metrics;

import io.prometheus.metrics.model.registry.Collector;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import java.util.List;
import java.util.function.Supplier;

/**
 * Metrics that are read from the program's state whenever somebody scrapes. Unlike meters that are kept, their rows come
 * and go with what they tell of: a registry that has left the config has left them too.
 */
public final class LiveMetrics {

    private final PrometheusRegistry registry;

    LiveMetrics(PrometheusRegistry registry) {
        this.registry = registry;
    }

    /**
     * One value.
     *
     * @param labels their values, in the order of the metric's label names
     */
    public record Row(double value, List<String> labels) {
        public Row {
            labels = List.copyOf(labels);
        }

        public static Row of(double value, String... labels) {
            return new Row(value, List.of(labels));
        }
    }

    /** @param rows asked in the scraping thread; no two with the same labels */
    public void gauge(String name, String help, List<String> labels, Supplier<List<Row>> rows) {
        registry.register((Collector) () -> {
            GaugeSnapshot.Builder snapshot = GaugeSnapshot.builder().name(name).help(help);
            for (Row row : rows.get()) {
                snapshot.dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder()
                        .labels(Labels.of(labels, row.labels()))
                        .value(row.value())
                        .build());
            }
            return snapshot.build();
        });
    }

    /**
     * A counter that somebody else keeps.
     *
     * @param name with {@code _total} at its end
     * @param rows asked in the scraping thread; no two with the same labels, no value negative
     */
    public void counter(String name, String help, List<String> labels, Supplier<List<Row>> rows) {
        String base = name.substring(0, name.length() - "_total".length());
        registry.register((Collector) () -> {
            CounterSnapshot.Builder snapshot =
                    CounterSnapshot.builder().name(base).help(help);
            for (Row row : rows.get()) {
                snapshot.dataPoint(CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(Labels.of(labels, row.labels()))
                        .value(row.value())
                        .build());
            }
            return snapshot.build();
        });
    }
}
