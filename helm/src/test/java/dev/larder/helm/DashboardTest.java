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
import org.junit.jupiter.api.Test;

class DashboardTest {
    static final Path DASHBOARD = Path.of("../deploy/grafana/larder-overview.json");

    private static final Pattern METRIC = Pattern.compile("larder_[a-z_]+");
    private static final Pattern SELECTOR = Pattern.compile("(larder_[a-z_]+)\\{([^}]*)\\}");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*(?:=~|!~|!=|=)");
    /** Set by whoever scrapes, on every metric. */
    private static final String NODE = "node";

    /** Every metric of the node cache with its labels. */
    private static final Map<String, Set<String>> METRICS = new TreeMap<>(Map.ofEntries(
            Map.entry("larder_requests_total", Set.of("registry", "kind", "outcome")),
            Map.entry("larder_response_bytes_total", Set.of("registry", "outcome")),
            Map.entry("larder_upstream_requests_total", Set.of("registry", "method", "status")),
            Map.entry("larder_upstream_bytes_total", Set.of("registry")),
            Map.entry("larder_fills_total", Set.of("registry", "result")),
            Map.entry("larder_fill_duration_seconds", Set.of()),
            Map.entry("larder_first_byte_seconds", Set.of("outcome")),
            Map.entry("larder_storage_size_bytes", Set.of()),
            Map.entry("larder_storage_used_bytes", Set.of()),
            Map.entry("larder_storage_free_bytes", Set.of()),
            Map.entry("larder_storage_blobs", Set.of()),
            Map.entry("larder_evictions_total", Set.of()),
            Map.entry("larder_config_reloads_total", Set.of("result")),
            Map.entry("larder_native_transport", Set.of()),
            Map.entry("larder_build_info", Set.of("version")),
            Map.entry("larder_hosts_entry_present", Set.of("registry")),
            Map.entry("larder_hosts_writer_kills_total", Set.of())));

    @Test
    void everyMetric_isOneOfTheNodeCache() throws IOException {
        Set<String> named = new TreeSet<>();
        Matcher matcher = METRIC.matcher(String.join("\n", expressions()));
        while (matcher.find()) {
            named.add(family(matcher.group()));
        }
        assertThat(METRICS.keySet()).containsAll(named);
        assertThat(named).hasSizeGreaterThan(10);
    }

    @Test
    void everyLabel_isOneOfItsMetric() throws IOException {
        for (String expression : expressions()) {
            Matcher selector = SELECTOR.matcher(expression);
            while (selector.find()) {
                Set<String> allowed = METRICS.getOrDefault(family(selector.group(1)), Set.of());
                Matcher label = LABEL.matcher(selector.group(2));
                while (label.find()) {
                    assertThat(label.group(1))
                            .as(expression)
                            .satisfiesAnyOf(name -> assertThat(allowed).contains(name), name -> assertThat(name)
                                    .isEqualTo(NODE));
                }
            }
        }
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
