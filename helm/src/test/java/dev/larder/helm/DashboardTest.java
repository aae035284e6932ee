package dev.larder.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DashboardTest {
    private static final Path FOLDER = Path.of("../deploy/grafana");
    private static final Pattern GROUPING = Pattern.compile("\\bby \\(([^)]*)\\)");
    private static final Pattern QUESTION = Pattern.compile("label_values\\((\\w+), (\\w+)\\)");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?(\\w+)");

    static List<Path> dashboards() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void thereAreThree() throws IOException {
        assertThat(dashboards())
                .extracting(file -> file.getFileName().toString())
                .containsExactly("larder-mirrored-images.json", "larder-node.json", "larder-overview.json");
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyMetricAndLabel_isDocumented(Path dashboard) throws IOException {
        var metrics = new DocumentedMetrics();
        for (String expression : expressions(dashboard)) {
            Set<String> named = DocumentedMetrics.of(expression);
            assertThat(metrics.names()).as(expression).containsAll(named);
            assertThat(metrics.unknownLabels(expression)).as(expression).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyLabelGroupedBy_isOneOfItsMetrics(Path dashboard) throws IOException {
        var metrics = new DocumentedMetrics();
        for (String expression : expressions(dashboard)) {
            for (String list : DocumentedMetrics.words(GROUPING, expression)) {
                Set<String> allowed = metrics.labels(DocumentedMetrics.of(expression));
                allowed.add("le");
                assertThat(Set.of(list.split(", "))).as(expression).isSubsetOf(allowed);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void everyVariable_asksForALabelOfItsMetric_andIsUsed(Path dashboard) throws IOException {
        var metrics = new DocumentedMetrics();
        Set<String> declared = new TreeSet<>();
        for (Object variable : (List<?>) Yaml.at(content(dashboard), "templating.list")) {
            Map<String, Object> one = Yaml.map(variable);
            Matcher values = QUESTION.matcher(String.valueOf(one.get("definition")));
            if (values.matches()) {
                assertThat(metrics.labels(Set.of(values.group(1)))).contains(values.group(2));
                declared.add(String.valueOf(one.get("name")));
            }
        }
        Set<String> used = new TreeSet<>();
        expressions(dashboard).forEach(expression -> used.addAll(DocumentedMetrics.words(VARIABLE, expression)));
        used.removeIf(name -> name.startsWith("__"));
        assertThat(used).isEqualTo(declared).isNotEmpty();
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void panels_explainThemselvesAndDoNotOverlap(Path dashboard) throws IOException {
        Set<String> cells = new TreeSet<>();
        Set<Object> ids = new TreeSet<>();
        for (Map<String, Object> panel : panels(dashboard)) {
            assertThat(panel.get("description")).as(panel.toString()).asString().endsWith(".");
            assertThat(ids.add(panel.get("id"))).isTrue();
            assertThat(Yaml.at(panel, "datasource.uid")).isEqualTo("${datasource}");
            Map<String, Object> grid = Yaml.map(Yaml.at(panel, "gridPos"));
            for (int x = 0; x < (int) Yaml.at(grid, "w"); x++) {
                for (int y = 0; y < (int) Yaml.at(grid, "h"); y++) {
                    assertThat(cells.add(((int) Yaml.at(grid, "x") + x) + "," + ((int) Yaml.at(grid, "y") + y)))
                            .isTrue();
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void uid_isTheFilesName(Path dashboard) throws IOException {
        assertThat(dashboard.getFileName()).hasToString(content(dashboard).get("uid") + ".json");
    }

    @ParameterizedTest
    @MethodSource("dashboards")
    void chart_carriesTheSameDashboard(Path dashboard) throws IOException {
        Golden.assertHolds(
                Chart.FOLDER.resolve("dashboards").resolve(dashboard.getFileName()), Files.readString(dashboard));
    }

    private static Map<String, Object> content(Path dashboard) throws IOException {
        return Yaml.documents(dashboard).getFirst();
    }

    private static List<Map<String, Object>> panels(Path dashboard) throws IOException {
        return ((List<?>) Yaml.at(content(dashboard), "panels"))
                .stream().map(Yaml::map).toList();
    }

    private static List<String> expressions(Path dashboard) throws IOException {
        return panels(dashboard).stream()
                .flatMap(panel -> ((List<?>) Yaml.at(panel, "targets")).stream())
                .map(target -> (String) Yaml.at(Yaml.map(target), "expr"))
                .toList();
    }
}
