package dev.larder.e2e.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.PrometheusTools;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rules as Prometheus' own tool sees them, that of the current release and that of Debian's, with which the demo runs:
 * each alert fires when it should, not before, not otherwise, and ends.
 */
class RulesIT {
    private static final CacheFolder CACHE = CacheFolder.ofEnvironment();
    private static final Progress PROGRESS = new Progress(System.out);
    private static final PrometheusTools CURRENT = PrometheusTools.prepare(CACHE, PROGRESS);
    private static final PrometheusTools OF_DEBIAN = PrometheusTools.ofDebian(CACHE, PROGRESS);
    private static final String TESTS = "larder-rules-test.yaml";

    @TempDir
    Path folder;

    @BeforeEach
    void copy() throws IOException {
        Files.copy(PrometheusFiles.rules(), folder.resolve("larder-rules.yaml"));
        try (InputStream tests = RulesIT.class.getResourceAsStream("/prometheus/" + TESTS)) {
            Files.copy(Objects.requireNonNull(tests), folder.resolve(TESTS));
        }
    }

    static Stream<Named<PrometheusTools>> releases() {
        return Stream.of(Named.of("current", CURRENT), Named.of("Debian's", OF_DEBIAN));
    }

    private Command.Result promtool(PrometheusTools tools, String... arguments) {
        return Command.of(arguments)
                .behind(List.of(tools.promtool().toString()))
                .in(folder)
                .result();
    }

    @ParameterizedTest
    @MethodSource("releases")
    void rules_areValid(PrometheusTools tools) {
        Command.Result result = promtool(tools, "check", "rules", "--lint=all", "--lint-fatal", "larder-rules.yaml");
        assertThat(result.succeeded()).as(result.output()).isTrue();
    }

    @Test
    void scrapeConfiguration_isValid() {
        Command.Result result =
                promtool(CURRENT, "check", "config", PrometheusFiles.scrape().toString());
        assertThat(result.succeeded()).as(result.output()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("releases")
    void everyAlert_behavesAsItsTestsSay(PrometheusTools tools) {
        Command.Result result = promtool(tools, "test", "rules", TESTS);
        assertThat(result.succeeded()).as(result.output()).isTrue();
    }

    @Test
    void aWrongThreshold_isNoticed() throws IOException {
        Path rules = folder.resolve("larder-rules.yaml");
        String text = Files.readString(rules);
        assertThat(text).contains("ratio < 0.25");
        Files.writeString(rules, text.replace("ratio < 0.25", "ratio < 0.26"));
        Command.Result result = promtool(CURRENT, "test", "rules", TESTS);
        assertThat(result.succeeded()).isFalse();
        assertThat(result.output()).contains("LarderRateLimitLow");
    }

    @Test
    void everyAlert_isTestedToFireAndNotToFire() throws IOException {
        JsonNode tests =
                new KubernetesSerialization().unmarshal(Files.readString(folder.resolve(TESTS)), JsonNode.class);
        Set<String> firing = new TreeSet<>();
        Set<String> silent = new TreeSet<>();
        for (JsonNode test : tests.path("tests")) {
            for (JsonNode one : test.path("alert_rule_test")) {
                (one.path("exp_alerts").isEmpty() ? silent : firing)
                        .add(one.path("alertname").asText());
            }
        }
        Set<String> alerts = new TreeSet<>(Alerts.of(PrometheusFiles.rules()).names());
        assertThat(firing).isEqualTo(alerts);
        assertThat(silent).isEqualTo(alerts);
    }
}
