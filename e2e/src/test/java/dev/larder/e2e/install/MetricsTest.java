package dev.larder.e2e.install;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final Metrics METRICS = Metrics.parse("""
            # HELP larder_requests_total Requests
            # TYPE larder_requests_total counter
            larder_requests_total{kind="blob",outcome="hit",registry="docker.io"} 6.0
            larder_requests_total{kind="blob",outcome="upstream",registry="docker.io"} 2.0
            larder_requests_total{kind="manifest",outcome="stale",registry="docker.io"} 1
            larder_requests_total{kind="manifest",outcome="upstream",registry="quay.io"} 1
            larder_requests_total{kind="other",outcome="upstream",registry="quay.io"} 100
            larder_native_transport 1.0
            """);

    @Test
    void sum_ofMatchingLabels() {
        assertThat(METRICS.sum("larder_requests_total", Map.of("registry", "docker.io")))
                .isEqualTo(9);
        assertThat(METRICS.sum("larder_native_transport", Map.of())).isEqualTo(1);
        assertThat(METRICS.sum("larder_absent", Map.of())).isZero();
    }

    @Test
    void hitRatio_ofManifestsAndBlobs() {
        assertThat(METRICS.hitRatio()).isEqualTo(0.7, within(1e-9));
        assertThat(Metrics.parse("").hitRatio()).isZero();
    }
}
