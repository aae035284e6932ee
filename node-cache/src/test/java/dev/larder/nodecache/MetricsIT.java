package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import dev.larder.nodecache.fake.FakeRegistry.Image;
import dev.larder.nodecache.fake.SettableClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a running node cache are those of the README's table, by name, type and labels, in both directions. */
class MetricsIT {

    private static final Pattern ROW = Pattern.compile("\\| `([a-z_]+)` \\| (\\w+) \\|([^|]*)\\|.*");
    private static final Pattern TYPE = Pattern.compile("# TYPE (\\S+) (\\S+)");
    private static final Pattern SAMPLE = Pattern.compile("([a-z_]+)(?:\\{(.*)})? \\S+");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"(?:[^\"\\\\]|\\\\.)*\"");

    @TempDir
    Path folder;

    private final FakeRegistry upstream = new FakeRegistry();
    private final Image image = upstream.push("library/app", "v1", 100_000, 1);
    private TestCache cache;

    record Family(String type, Set<String> labels) {}

    @BeforeEach
    void start() {
        cache = TestCache.of(folder, upstream);
    }

    @AfterEach
    void stop() {
        cache.close();
        upstream.close();
    }

    private static Map<String, Family> table() throws IOException {
        Map<String, Family> rows = new TreeMap<>();
        for (String line : Files.readAllLines(Path.of("README.md"))) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                Set<String> labels = Pattern.compile("`([a-z_]+)`")
                        .matcher(row.group(3))
                        .results()
                        .map(label -> label.group(1))
                        .collect(Collectors.toCollection(TreeSet::new));
                rows.put(row.group(1), new Family(row.group(2), labels));
            }
        }
        return rows;
    }

    private static Map<String, Family> families(String scrape) {
        Map<String, Family> families = new TreeMap<>();
        for (String line : scrape.lines().toList()) {
            Matcher type = TYPE.matcher(line);
            Matcher sample = SAMPLE.matcher(line);
            if (type.matches()) {
                families.put(type.group(1), new Family(type.group(2), new TreeSet<>()));
            } else if (sample.matches() && sample.group(2) != null) {
                String name = sample.group(1);
                Family family = Objects.requireNonNull(
                        families.containsKey(name)
                                ? families.get(name)
                                : families.get(name.replaceFirst("_(bucket|sum|count)$", "")),
                        name);
                LABEL.matcher(sample.group(2))
                        .results()
                        .map(label -> label.group(1))
                        .filter(label -> !label.equals("le"))
                        .forEach(family.labels()::add);
            }
        }
        return families;
    }

    private void hostsWriterSays(Instant at, int kills) throws IOException {
        Files.writeString(folder.resolve("run/hosts-writer.json"), """
                {"updatedAt": "%s", "kills": %d, "registries": [
                 {"host": "registry.test", "state": "Present"}, {"host": "quay.test", "state": "Withdrawn"}]}
                """.formatted(at, kills));
    }

    /** Does everything once that something is counted for. */
    private void useEverything() throws Exception {
        hostsWriterSays(Instant.now(), 2);
        for (int i = 0; i < 2; i++) {
            cache.get("/v2/library/app/manifests/v1");
            cache.get("/v2/library/app/blobs/" + image.layer());
        }
        await().untilAsserted(
                        () -> assertThat(cache.admin("/metrics")).containsPattern("larder_fills_total\\{[^}]*} [1-9]"));
    }

    @Test
    void everyMetric_isARowOfTheTable_andEveryRowAMetric() throws Exception {
        useEverything();
        assertThat(families(cache.admin("/metrics"))).isEqualTo(table());
    }

    @Test
    void aRegistrysCounters_areThereBeforeItsFirstRequest() throws Exception {
        assertThat(cache.admin("/metrics").lines())
                .contains(
                        "larder_requests_total{kind=\"blob\",outcome=\"upstream\",registry=\"registry.test\"} 0.0",
                        "larder_requests_total{kind=\"manifest\",outcome=\"stale\",registry=\"registry.test\"} 0.0",
                        "larder_upstream_requests_total{method=\"HEAD\",registry=\"registry.test\",status=\"unreachable\"} 0.0",
                        "larder_upstream_bytes_total{registry=\"registry.test\"} 0.0");
    }

    @Test
    void whatIsSent_isCounted_alsoWhileItIsOnItsWayHere() throws Exception {
        cache.get("/v2/library/app/blobs/" + image.layer());
        await().untilAsserted(() -> assertThat(cache.admin("/metrics").lines())
                .contains("larder_response_bytes_total{outcome=\"upstream\",registry=\"registry.test\"} 100000.0"));
    }

    @Test
    void theRehearsalOfAStart_isNotCounted() throws Exception {
        cache.get("/v2/library/app/blobs/" + image.layer());
        assertThat(cache.admin("/metrics").lines())
                .anyMatch(line -> line.startsWith("larder_upstream_requests_total{"))
                .noneMatch(line -> line.startsWith("larder_upstream_") && line.contains("registry=\"\""));
    }

    @Test
    void whatTheHostsWriterSays_isExported_whileItIsNews() throws Exception {
        hostsWriterSays(Instant.now(), 2);
        assertThat(cache.admin("/metrics").lines())
                .contains(
                        "larder_hosts_entry_present{registry=\"registry.test\"} 1.0",
                        "larder_hosts_entry_present{registry=\"quay.test\"} 0.0",
                        "larder_hosts_writer_kills_total 2.0");
        hostsWriterSays(Instant.now().minusSeconds(60), 2);
        assertThat(cache.admin("/metrics").lines())
                .noneMatch(line -> line.startsWith("larder_hosts_entry_present{"))
                .noneMatch(line -> line.startsWith("larder_hosts_writer_kills_total "));
        Files.writeString(folder.resolve("run/hosts-writer.json"), "{\"updatedAt\": 5, \"registries\": 7");
        assertThat(cache.admin("/metrics")).contains("larder_native_transport 1.0");
    }

    @Test
    void nothingThatAClientMakesUp_becomesALabel() throws Exception {
        cache.get("/v2/evil.test/made/up/manifests/v1");
        cache.get("/v2/evil-path/manifests/evil-tag");
        cache.send("EVILMETHOD", "/v2/library/app/manifests/v1");
        cache.get("/v2/evil/repository/manifests/v1");
        upstream.misbehave().status = 299;
        cache.get("/v2/library/app/manifests/v1");
        String scrape = cache.admin("/metrics");
        assertThat(scrape.toLowerCase(java.util.Locale.ROOT))
                .doesNotContain("evil")
                .doesNotContain("status=\"299\"");
        assertThat(scrape)
                .contains("larder_requests_total{kind=\"other\",outcome=\"refused\",registry=\"\"}")
                .contains("status=\"2xx\"");
    }

    @Test
    void anOpenBreaker_isExported_untilItsPauseIsOver() throws Exception {
        cache.close();
        SettableClock clock = new SettableClock();
        cache = new TestCache(folder, TestCache.yaml(folder, "", "", upstream), clock);
        String open = "larder_upstream_breaker_open{registry=\"registry.test\",upstream=\"127.0.0.1:" + upstream.port()
                + "\"} ";
        assertThat(cache.admin("/metrics")).contains(open + "0.0");
        upstream.misbehave().status = 500;
        for (String tag : List.of("v2", "v3", "v4")) {
            cache.get("/v2/library/app/manifests/" + tag);
        }
        assertThat(cache.admin("/metrics")).contains(open + "1.0");
        clock.advance(Duration.ofSeconds(15));
        assertThat(cache.admin("/metrics")).contains(open + "0.0");
    }

    @Test
    void anUpstreamsState_isExported() throws Exception {
        String upstreamUp =
                "larder_upstream_up{registry=\"registry.test\",upstream=\"127.0.0.1:" + upstream.port() + "\"} ";
        assertThat(cache.admin("/metrics")).doesNotContain(upstreamUp);
        cache.get("/v2/library/app/manifests/v1");
        assertThat(cache.admin("/metrics")).contains(upstreamUp + "1.0");
        upstream.misbehave().status = 500;
        cache.get("/v2/library/app/manifests/v2");
        assertThat(cache.admin("/metrics")).contains(upstreamUp + "0.0");
    }
}
