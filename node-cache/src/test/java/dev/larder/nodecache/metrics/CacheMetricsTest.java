package dev.larder.nodecache.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CacheMetricsTest {

    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final CacheMetrics metrics = new CacheMetrics(meters);

    @ParameterizedTest(name = "{0} is counted as {1}")
    @CsvSource({
        "200, 200",
        "299, 2xx",
        "599, 5xx",
        "600, malformed",
        "999, malformed",
        "099, malformed",
        "1234, malformed",
        "1234567, malformed",
        "42, malformed",
        "0, malformed",
        "-200, malformed",
        "unreachable, unreachable",
        "malformed, malformed",
    })
    void numbersThatAnUpstreamMakesUp_stayFewLabels(String status, String label) {
        metrics.upstreamRequest("registry.test", "PUT", status);
        assertThat(meters.scrape().lines().filter(line -> line.startsWith("larder_upstream_requests_total{")))
                .containsExactly("larder_upstream_requests_total{method=\"PUT\",registry=\"registry.test\",status=\""
                        + label + "\"} 1.0");
    }
}
