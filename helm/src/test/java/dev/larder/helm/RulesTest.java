package dev.larder.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The rules' form; that each fires when it should is promtool's to test, in e2e. */
class RulesTest {
    static final Path RULES = Path.of("../deploy/prometheus/larder-rules.yaml");

    private static final Path RUNBOOKS = Path.of("../deploy/prometheus/runbooks.md");
    private static final Pattern SECTION = Pattern.compile("(?m)^## (Larder\\w+)$");

    private static List<Map<String, Object>> rules() throws IOException {
        return ((List<?>) Yaml.at(Yaml.documents(RULES).getFirst(), "groups"))
                .stream()
                        .flatMap(group -> ((List<?>) Yaml.at(Yaml.map(group), "rules")).stream())
                        .map(Yaml::map)
                        .toList();
    }

    private static List<Map<String, Object>> alerts() throws IOException {
        return rules().stream().filter(rule -> rule.containsKey("alert")).toList();
    }

    @Test
    void everyMetricAndLabel_isDocumented() throws IOException {
        var metrics = new DocumentedMetrics();
        for (Map<String, Object> rule : rules()) {
            String expression = String.valueOf(rule.get("expr"));
            assertThat(metrics.names()).as(expression).containsAll(DocumentedMetrics.of(expression));
            assertThat(metrics.unknownLabels(expression)).as(expression).isEmpty();
        }
    }

    @Test
    void everyRecordedSeries_isRecorded() throws IOException {
        List<Object> recorded = rules().stream()
                .filter(rule -> rule.containsKey("record"))
                .map(rule -> rule.get("record"))
                .toList();
        assertThat(recorded).hasSizeGreaterThan(2);
        Pattern name = Pattern.compile("(\\w+:\\w+:\\w+)");
        for (Map<String, Object> rule : rules()) {
            assertThat(recorded).containsAll(DocumentedMetrics.words(name, String.valueOf(rule.get("expr"))));
        }
    }

    @Test
    void everyAlert_hasASeverityAndSaysWhatItMeans() throws IOException {
        assertThat(alerts()).hasSizeGreaterThan(12).allSatisfy(alert -> {
            assertThat(Yaml.at(alert, "labels.severity")).isIn("info", "warning", "critical");
            assertThat((String) Yaml.at(alert, "annotations.summary")).hasSizeBetween(20, 110);
            assertThat((String) Yaml.at(alert, "annotations.description")).endsWith(".");
        });
    }

    @Test
    void everyAlert_hasASectionOfTheRunbooks_andEverySectionAnAlert() throws IOException {
        TreeSet<String> named = new TreeSet<>();
        for (Map<String, Object> alert : alerts()) {
            String name = String.valueOf(alert.get("alert"));
            assertThat(Yaml.at(alert, "annotations.runbook"))
                    .isEqualTo("deploy/prometheus/runbooks.md#" + name.toLowerCase(Locale.ROOT));
            named.add(name);
        }
        assertThat(DocumentedMetrics.words(SECTION, Files.readString(RUNBOOKS))).isEqualTo(named);
    }

    @Test
    void everySection_saysWhatItMeansWhatToLookAtAndWhatToDo() throws IOException {
        List<String> sections = Pattern.compile("(?m)^## ")
                .splitAsStream(Files.readString(RUNBOOKS))
                .skip(1)
                .toList();
        assertThat(sections)
                .allSatisfy(section -> assertThat(section).contains("\n**Pulls**: ", "\n**Look at**: ", "\n**Do**: "));
    }

    @Test
    void chart_carriesTheSameRules() throws IOException {
        Golden.assertHolds(Chart.FOLDER.resolve("rules/larder-rules.yaml"), Files.readString(RULES));
    }
}
