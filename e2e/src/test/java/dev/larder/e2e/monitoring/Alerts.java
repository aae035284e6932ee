package dev.larder.e2e.monitoring;

import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The alerts of a file of rules. */
public record Alerts(Map<String, Object> file) {
    private static final KubernetesSerialization YAML = new KubernetesSerialization();

    @SuppressWarnings("unchecked")
    public static Alerts of(Path rules) {
        return new Alerts(YAML.unmarshal(PrometheusFiles.read(rules), Map.class));
    }

    public List<String> names() {
        return alerts().stream().map(rule -> String.valueOf(rule.get("alert"))).toList();
    }

    /** The file with all alerts as they are, but for how long they wait and how far they look back: seconds. */
    public String impatient(String wait, String window) {
        alerts().forEach(rule -> {
            rule.computeIfPresent("for", (key, value) -> wait);
            rule.computeIfPresent(
                    "expr", (key, value) -> String.valueOf(value).replaceAll("\\[\\w+]", "[" + window + "]"));
        });
        return YAML.asYaml(file);
    }

    /** The expression of every rule, those of recording rules too. */
    public List<String> expressions() {
        return rules().stream().map(rule -> String.valueOf(rule.get("expr"))).toList();
    }

    private List<Map<String, Object>> alerts() {
        return rules().stream().filter(rule -> rule.containsKey("alert")).toList();
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> rules() {
        var rules = new ArrayList<Map<String, Object>>();
        for (Object group : (List<?>) Objects.requireNonNull(file.get("groups"))) {
            rules.addAll(
                    (List<Map<String, Object>>) Objects.requireNonNull(((Map<String, Object>) group).get("rules")));
        }
        return rules;
    }
}
