package dev.larder.operator.metrics;

import io.prometheus.client.Collector;
import java.util.ArrayList;
import java.util.List;

/** The rows of one gauge, while they are put together; of one thread. */
final class GaugeRows {

    private final String name;
    private final String help;
    private final List<String> labels;
    private final List<Collector.MetricFamilySamples.Sample> samples = new ArrayList<>();

    GaugeRows(String name, String help, List<String> labels) {
        this.name = name;
        this.help = help;
        this.labels = List.copyOf(labels);
    }

    /** @param values of the labels, in their order */
    void add(double value, String... values) {
        samples.add(new Collector.MetricFamilySamples.Sample(name, labels, List.of(values), value));
    }

    Collector.MetricFamilySamples family() {
        return new Collector.MetricFamilySamples(name, Collector.Type.GAUGE, help, List.copyOf(samples));
    }
}
