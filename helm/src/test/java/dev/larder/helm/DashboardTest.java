package dev.larder.helm;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;

class DashboardTest {
    static final Path DASHBOARD = Path.of("../deploy/grafana/larder-overview.json");

    private static final Pattern METRIC = Pattern.compile("larder_[a-z_]+");
    private static final Pattern SELECTOR = Pattern.compile("(larder_[a-z_]+)\\{([^}]*)\\}");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)");
    /** Set by whoever scrapes, on every metric. */
    private static final String NODE = "node";

    /** The table of every metric, which the node cache's own tests hold to what it serves. */
    private static final Path TABLE = Path.of("../node-cache/README.md");

    private static final Pattern ROW = Pattern.compile("\\| `([a-z_]+)` \\| \\w+ \\|([^|]*)\\|.*");
    private static final Pattern CODE = Pattern.compile("`([a-z_]+)`");
    private static final Pattern GROUPING = Pattern.compile("\\bby \\(([^)]*)\\)");

    private static Map<String, Set<String>> metrics() throws IOException {
        Map<String, Set<String>> rows = new TreeMap<>();
        for (String line : Files.readAllLines(TABLE)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                rows.put(row.group(1), words(CODE, row.group(2)));
            }
        }
        return rows;
    }

    private static Set<String> words(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyMetric_isOneOfTheNodeCache() throws IOException {
        Set<String> named = new TreeSet<>();
        for (String expression : expressions()) {
            named.addAll(families(expression));
        }
        assertThat(metrics().keySet()).containsAll(named);
        assertThat(named).hasSizeGreaterThan(10);
    }

    @Test
    void everyLabelOfASelector_isOneOfItsMetric() throws IOException {
        for (String expression : expressions()) {
            Matcher selector = SELECTOR.matcher(expression);
            while (selector.find()) {
                Set<String> allowed = labels(Set.of(family(selector.group(1))));
                assertThat(words(LABEL, selector.group(2))).as(expression).isSubsetOf(allowed);
            }
        }
    }

    @Test
    void everyLabelGroupedBy_isOneOfItsMetrics() throws IOException {
        for (String expression : expressions()) {
            Set<String> allowed = labels(families(expression));
            allowed.add("le");
            for (String list : words(GROUPING, expression)) {
                assertThat(Set.of(list.split(", "))).as(expression).isSubsetOf(allowed);
            }
        }
    }

    @Test
    void everyVariable_asksForALabelOfItsMetric() throws IOException {
        Map<String, Object> dashboard = Yaml.documents(DASHBOARD).getFirst();
        Pattern question = Pattern.compile("label_values\\((\\w+), (\\w+)\\)");
        List<?> variables = (List<?>) Yaml.at(dashboard, "templating.list");
        int asked = 0;
        for (Object variable : variables) {
            Matcher values = question.matcher(String.valueOf(Yaml.map(variable).get("definition")));
            if (values.matches()) {
                assertThat(labels(Set.of(values.group(1)))).contains(values.group(2));
                asked++;
            }
        }
        assertThat(asked).isEqualTo(2);
    }

    private static Set<String> families(String expression) {
        return METRIC.matcher(expression)
                .results()
                .map(match -> family(match.group()))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The labels that the metrics have in common, and the one that whoever scrapes adds. */
    private static Set<String> labels(Set<String> families) throws IOException {
        Map<String, Set<String>> table = metrics();
        Set<String> labels =
                new TreeSet<>(table.getOrDefault(families.iterator().next(), Set.of()));
        families.forEach(family -> labels.retainAll(table.getOrDefault(family, Set.of())));
        labels.add(NODE);
        return labels;
    }

    @Test
    void panels_explainThemselvesAndDoNotOverlap() throws IOException {
        Set<String> cells = new TreeSet<>();
        Set<Object> ids = new TreeSet<>();
        for (Map<String, Object> panel : panels()) {
            assertThat(panel.get("description")).as(panel.toString()).asString().endsWith(".");
            assertThat(ids.add(panel.get("id"))).isTrue();
            Map<String, Object> grid = Yaml.map(Yaml.at(panel, "gridPos"));
            for (int x = 0; x < (int) Yaml.at(grid, "w"); x++) {
                for (int y = 0; y < (int) Yaml.at(grid, "h"); y++) {
                    assertThat(cells.add(((int) Yaml.at(grid, "x") + x) + "," + ((int) Yaml.at(grid, "y") + y)))
                            .isTrue();
                }
            }
        }
    }

    @Test
    void chart_carriesTheSameDashboard() throws IOException {
        Golden.assertHolds(Chart.FOLDER.resolve("dashboards/larder-overview.json"), Files.readString(DASHBOARD));
    }

    /** The name without what Prometheus adds for histograms. */
    private static String family(String metric) {
        return metric.replaceAll("_(bucket|sum|count)$", "");
    }

    private static List<Map<String, Object>> panels() throws IOException {
        Map<String, Object> dashboard = Yaml.documents(DASHBOARD).getFirst();
        return ((List<?>) Yaml.at(dashboard, "panels")).stream().map(Yaml::map).toList();
    }

    private static List<String> expressions() throws IOException {
        return panels().stream()
                .flatMap(panel -> ((List<?>) Yaml.at(panel, "targets")).stream())
                .map(target -> (String) Yaml.at(Yaml.map(target), "expr"))
                .toList();
    }
}
