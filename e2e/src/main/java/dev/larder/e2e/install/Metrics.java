package dev.larder.e2e.install;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Samples of the Prometheus text format. */
public record Metrics(List<Sample> samples) {
    private static final Pattern LINE = Pattern.compile("([a-zA-Z_:][\\w:]*)(?:\\{(.*)})? (\\S+)(?: \\d+)?");
    private static final Pattern LABEL = Pattern.compile("(\\w+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** One line: a name, labels, a value. */
    public record Sample(String name, Map<String, String> labels, double value) {
        public Sample {
            labels = Map.copyOf(labels);
        }
    }

    public Metrics {
        samples = List.copyOf(samples);
    }

    public static Metrics parse(String text) {
        var samples = new ArrayList<Sample>();
        for (String line : text.split("\n", -1)) {
            Matcher matcher = LINE.matcher(line);
            if (!line.startsWith("#") && matcher.matches()) {
                var labels = new HashMap<String, String>();
                Matcher label = LABEL.matcher(matcher.group(2) == null ? "" : matcher.group(2));
                while (label.find()) {
                    labels.put(label.group(1), label.group(2));
                }
                samples.add(new Sample(matcher.group(1), labels, Double.parseDouble(matcher.group(3))));
            }
        }
        return new Metrics(samples);
    }

    /** The sum of the samples of that name that have all these labels. */
    public double sum(String name, Map<String, String> labels) {
        return samples.stream()
                .filter(sample -> sample.name.equals(name))
                .filter(sample -> sample.labels.entrySet().containsAll(labels.entrySet()))
                .mapToDouble(Sample::value)
                .sum();
    }

    /** The share of manifest and blob requests that were answered from disk. */
    public double hitRatio() {
        double all = 0;
        double hits = 0;
        for (String kind : List.of("manifest", "blob")) {
            all += sum("larder_requests_total", Map.of("kind", kind));
            hits += sum("larder_requests_total", Map.of("kind", kind, "outcome", "hit"));
            hits += sum("larder_requests_total", Map.of("kind", kind, "outcome", "stale"));
        }
        return all == 0 ? 0 : hits / all;
    }
}
