package dev.larder.nodecache.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.log.LogLines;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.registry.Outcome;
import dev.larder.nodecache.registry.Route;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class AccessLogTest {

    private static final RepositoryKey REPOSITORY =
            new RepositoryKey(new RegistryHost("registry.test"), new RepositoryName("library/app"));
    private static final Digest DIGEST = Digest.sha256(new byte[0]);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final CacheMetrics metrics = new CacheMetrics(meters);
    private final AccessLog log = new AccessLog(metrics, new LogLines(out));

    private static AccessLog.Entry entry(Route route, int status, Outcome outcome, boolean cut, String message) {
        return new AccessLog.Entry(
                "GET", route, true, status, outcome, 42, cut, message, 1_500_000, 2_000_400, "127.0.0.1:9");
    }

    private List<String> lines(int count) {
        await().until(() -> out.toString(StandardCharsets.UTF_8).lines().count() == count);
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @Test
    void request_isOneLine_andCountedByTheSameValues() {
        log.finished(
                entry(new Route.Manifest(REPOSITORY, new Reference.ByTag(new Tag("v1"))), 200, Outcome.HIT, false, ""));
        assertThat(lines(1).getFirst())
                .matches("\\{\"time\":\"[0-9T:.-]+Z\",.*")
                .endsWith("\"level\":\"INFO\",\"logger\":\"larder.access\",\"message\":\"request\",\"method\":\"GET\","
                        + "\"kind\":\"manifest\",\"registry\":\"registry.test\",\"repository\":\"library/app\","
                        + "\"reference\":\"v1\",\"outcome\":\"hit\",\"status\":200,\"bytes\":42,\"ms\":2.000,"
                        + "\"firstByteMs\":1.500,\"client\":\"127.0.0.1:9\"}");
        assertThat(meters.scrape())
                .contains("larder_requests_total{kind=\"manifest\",outcome=\"hit\",registry=\"registry.test\"} 1.0")
                .contains("larder_response_bytes_total{outcome=\"hit\",registry=\"registry.test\"} 42.0")
                .contains("larder_first_byte_seconds_count{outcome=\"hit\"} 1")
                .contains("larder_first_byte_seconds_bucket{outcome=\"hit\",le=\"0.001\"} 0")
                .contains("larder_first_byte_seconds_bucket{outcome=\"hit\",le=\"0.005\"} 1");
        assertThat(metrics.of("registry.test").requests()).isEqualTo(1);
        assertThat(metrics.of("registry.test").hits()).isEqualTo(1);
        assertThat(metrics.of("registry.test").bytesServed()).isEqualTo(42);
    }

    @Test
    void whatWentWrong_isWarnedOf_withItsCause() {
        log.finished(entry(new Route.Blob(REPOSITORY, DIGEST), 200, Outcome.UPSTREAM, true, "it broke \"off\""));
        log.finished(entry(new Route.Root(), 503, Outcome.REFUSED, false, "too much to do"));
        log.finished(entry(new Route.Root(), 200, Outcome.HIT, false, ""));
        log.finished(entry(new Route.Tags(REPOSITORY, ""), 404, Outcome.REFUSED, false, "no"));
        assertThat(lines(3))
                .satisfiesExactly(
                        cut -> assertThat(cut)
                                .contains("\"level\":\"WARN\"", "\"reference\":\"" + DIGEST + "\"")
                                .endsWith("\"cut\":true,\"cause\":\"it broke \\\"off\\\"\"}"),
                        refused -> assertThat(refused)
                                .contains("\"level\":\"WARN\"", "\"kind\":\"other\",\"outcome\":\"refused\"")
                                .endsWith("\"cause\":\"too much to do\"}"),
                        unknown -> assertThat(unknown).contains("\"level\":\"INFO\"", "\"reference\":\"\""));
        assertThat(meters.scrape())
                .as("a probe is counted, and says nothing")
                .contains("larder_requests_total{kind=\"other\",outcome=\"hit\",registry=\"\"} 1.0");
    }
}
