package dev.larder.operator.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredImageStatus;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheStatus;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResourceMetricsTest {

    private static final Pattern ROW = Pattern.compile("\\| `(larder_[a-z_]+)` \\| gauge \\|([^|]*)\\|.*");
    private static final Pattern LABEL = Pattern.compile("`([a-z_]+)`");
    private static final KubernetesSerialization YAML = new KubernetesSerialization();
    private static final String CACHE = """
            conditions:
            - {type: Ready, status: "False", reason: NodesFailing, message: m, lastTransitionTime: "2026-11-26T00:00:00Z"}
            - {type: Degraded, status: "True", reason: NodesFailing, message: m, lastTransitionTime: "2026-11-26T00:00:00Z"}
            - {type: ContainerdConfigured, status: Unknown, reason: Waiting, message: m, lastTransitionTime: "2026-11-26T00:00:00Z"}
            nodes:
              desired: 3
              ready: 2
              configured: 1
              failing: [{node: n1, reason: CrashLoopBackOff, message: m}]
            """;
    private static final String IMAGE = """
            conditions:
            - {type: Checked, status: "False", reason: UpstreamFailed, message: m, lastTransitionTime: "2026-11-26T00:00:00Z"}
            lastCheck: "1970-01-01T00:01:00Z"
            tags:
            - {tag: "1.27", upstreamDigest: "sha256:b", upstreamSince: "1970-01-01T00:00:20Z", servedDigest: "sha256:a",
               since: "1970-01-01T00:00:10Z", waiting: promotion is manual}
            - {tag: "1.28", upstreamDigest: "sha256:c", upstreamSince: "1970-01-01T00:00:30Z", servedDigest: "sha256:c",
               since: "1970-01-01T00:00:40Z"}
            """;

    private final CollectorRegistry registry = new CollectorRegistry();
    private final ResourceMetrics metrics = new ResourceMetrics().register(registry);
    private final RegistryCache cache = new RegistryCache();
    private final MirroredImage image = new MirroredImage();

    @BeforeEach
    void names() {
        cache.getMetadata().setName("default");
        image.getMetadata().setName("nginx");
    }

    private void seeBoth() {
        metrics.seen(cache, YAML.unmarshal(CACHE, RegistryCacheStatus.class));
        metrics.seen(image, YAML.unmarshal(IMAGE, MirroredImageStatus.class), 3, 2);
    }

    private List<String> scrape() throws IOException {
        StringWriter text = new StringWriter();
        TextFormat.write004(text, registry.metricFamilySamples());
        return text.toString().lines().filter(line -> !line.startsWith("#")).toList();
    }

    @Test
    void statuses_areToldInFigures() throws IOException {
        seeBoth();
        assertThat(scrape())
                .containsExactlyInAnyOrder(
                        "larder_resource_condition{kind=\"RegistryCache\",name=\"default\",type=\"Ready\",} 0.0",
                        "larder_resource_condition{kind=\"RegistryCache\",name=\"default\",type=\"Degraded\",} 1.0",
                        "larder_resource_condition{kind=\"MirroredImage\",name=\"nginx\",type=\"Checked\",} 0.0",
                        "larder_registrycache_nodes{name=\"default\",state=\"desired\",} 3.0",
                        "larder_registrycache_nodes{name=\"default\",state=\"ready\",} 2.0",
                        "larder_registrycache_nodes{name=\"default\",state=\"configured\",} 1.0",
                        "larder_registrycache_node_failing{name=\"default\",node=\"n1\",reason=\"CrashLoopBackOff\",} 1.0",
                        "larder_mirroredimage_tags{name=\"nginx\",state=\"served\",} 2.0",
                        "larder_mirroredimage_tags{name=\"nginx\",state=\"waiting\",} 1.0",
                        "larder_mirroredimage_served_since_timestamp_seconds{name=\"nginx\",tag=\"1.27\",digest=\"sha256:a\",} 10.0",
                        "larder_mirroredimage_served_since_timestamp_seconds{name=\"nginx\",tag=\"1.28\",digest=\"sha256:c\",} 40.0",
                        "larder_mirroredimage_waiting_since_timestamp_seconds{name=\"nginx\",tag=\"1.27\",digest=\"sha256:b\",} 20.0",
                        "larder_mirroredimage_nodes{name=\"nginx\",state=\"desired\",} 3.0",
                        "larder_mirroredimage_nodes{name=\"nginx\",state=\"ready\",} 2.0",
                        "larder_mirroredimage_last_check_timestamp_seconds{name=\"nginx\",} 60.0");
    }

    @Test
    void whatIsForgotten_hasNoRows() throws IOException {
        seeBoth();
        metrics.forget(cache);
        metrics.forget(image);
        assertThat(scrape()).isEmpty();
    }

    @Test
    void anEmptyStatus_hasOnlyCounts() throws IOException {
        metrics.seen(cache, RegistryCacheStatus.NONE);
        metrics.seen(image, MirroredImageStatus.NONE, 0, 0);
        assertThat(scrape()).hasSize(4).allMatch(line -> line.endsWith(" 0.0"));
    }

    @Test
    void tags_areBounded() throws IOException {
        String many = IntStream.range(0, MirroredRows.MOST_TAGS + 5)
                .mapToObj(number ->
                        "- {tag: \"t" + number + "\", servedDigest: \"sha256:a\", since: \"2026-11-26T00:00:00Z\"}")
                .collect(Collectors.joining("\n", "tags:\n", ""));
        metrics.seen(image, YAML.unmarshal(many, MirroredImageStatus.class), 1, 1);
        assertThat(scrape())
                .filteredOn(line -> line.startsWith("larder_mirroredimage_served_since"))
                .hasSize(MirroredRows.MOST_TAGS);
    }

    @Test
    void everyMetric_isARowOfTheReadmesTable_andEveryRowAMetric() throws IOException {
        seeBoth();
        Map<String, Set<String>> served = new TreeMap<>();
        for (MetricFamilySamples family : Collections.list(registry.metricFamilySamples())) {
            served.put(family.name, new TreeSet<>(family.samples.getFirst().labelNames));
        }
        Map<String, Set<String>> table = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("README.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                table.put(
                        row.group(1),
                        LABEL.matcher(row.group(2))
                                .results()
                                .map(label -> label.group(1))
                                .collect(Collectors.toCollection(TreeSet::new)));
            }
        }
        assertThat(served).isEqualTo(table);
    }
}
