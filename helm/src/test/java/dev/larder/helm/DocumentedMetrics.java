package dev.larder.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tables of every metric, which the tests of node cache and operator hold to what these serve. */
final class DocumentedMetrics {
    private static final List<Path> TABLES =
            List.of(Path.of("../node-cache/README.md"), Path.of("../operator/README.md"));
    private static final Pattern ROW =
            Pattern.compile("\\| `([a-z_]+)` \\| (?:counter|gauge|histogram) \\|([^|]*)\\|.*");
    private static final Pattern CODE = Pattern.compile("`([a-z_]+)`");
    /** A recording rule's name has colons, and is none of ours. */
    private static final Pattern METRIC =
            Pattern.compile("(?<![:\\w\"])((?:larder|reconciliations|process|jvm)_[a-z_]+)(?![\\w:])");

    private static final Pattern SELECTOR = Pattern.compile("([a-z_:]+)\\{([^}]*)\\}");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)");
    /** Set by whoever scrapes, on every metric. */
    private static final Set<String> OF_SCRAPES = Set.of("node", "job", "instance", "registrycache");

    private final Map<String, Set<String>> labels = new TreeMap<>();

    DocumentedMetrics() throws IOException {
        labels.put("up", Set.of());
        for (Path table : TABLES) {
            for (String line : Files.readAllLines(table)) {
                Matcher row = ROW.matcher(line);
                if (row.matches()) {
                    labels.put(row.group(1), words(CODE, row.group(2)));
                }
            }
        }
    }

    Set<String> names() {
        return labels.keySet();
    }

    /** The metrics that an expression is about, without what Prometheus adds for histograms. */
    static Set<String> of(String expression) {
        return METRIC.matcher(expression)
                .results()
                .map(match -> family(match.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The labels that the metrics have in common, and those that whoever scrapes adds. */
    Set<String> labels(Set<String> families) {
        Set<String> common =
                new TreeSet<>(labels.getOrDefault(families.iterator().next(), Set.of()));
        families.forEach(family -> common.retainAll(labels.getOrDefault(family, Set.of())));
        common.addAll(OF_SCRAPES);
        return common;
    }

    /** Labels that an expression selects by and their metric does not have. */
    Set<String> unknownLabels(String expression) {
        Set<String> unknown = new TreeSet<>();
        Matcher selector = SELECTOR.matcher(expression);
        while (selector.find()) {
            Set<String> selected = words(LABEL, selector.group(2));
            selected.removeAll(labels(Set.of(family(selector.group(1)))));
            unknown.addAll(selected);
        }
        return unknown;
    }

    static Set<String> words(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static String family(String metric) {
        return metric.replaceAll("_(bucket|sum|count)$", "");
    }
}
