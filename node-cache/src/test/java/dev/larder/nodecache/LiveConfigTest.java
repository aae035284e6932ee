package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.config.NodeCacheConfig;
import dev.larder.nodecache.config.Problem;
import dev.larder.nodecache.metrics.CacheMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveConfigTest {

    private static final NodeCacheConfig FIRST = config("", "first");

    private final List<NodeCacheConfig> used = new ArrayList<>();
    private boolean certificatesAreBad;
    private boolean certificatesAreNew;
    private final LiveConfig live = new LiveConfig(
            FIRST,
            Clock.systemUTC(),
            new CacheMetrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)),
            this::use,
            () -> certificatesAreNew);

    private static NodeCacheConfig config(String top, String run) {
        return TestCache.parse(TestCache.yaml(Path.of("/tmp").resolve(run), top, "")
                .replace("upstreams: []", "upstreams: [{url: 'https://registry.example.test'}]"));
    }

    private void use(NodeCacheConfig config) {
        if (certificatesAreBad) {
            throw new IllegalArgumentException("caFile /ca.crt cannot be used");
        }
        used.add(config);
        certificatesAreNew = false;
    }

    @Test
    void whatNeedsARestart_isSaidUntilItIsAsAtTheStart() {
        NodeCacheConfig moved = config("", "second");
        NodeCacheConfig movedAndOther = config("revision: other", "second");
        for (NodeCacheConfig next : List.of(moved, moved, movedAndOther, movedAndOther)) {
            live.reload(next);
            assertThat(live.problems())
                    .extracting(Problem::toString)
                    .singleElement()
                    .asString()
                    .contains("restart");
        }
        live.reload(FIRST);
        assertThat(live.problems()).isEmpty();
        assertThat(live.started()).isEqualTo(FIRST);
    }

    @Test
    void settingsWhoseCertificatesCannotBeUsed_areUsedAsSoonAsTheyCan() {
        NodeCacheConfig next = config("revision: next", "first");
        certificatesAreBad = true;
        live.reload(next);
        live.lookAtCertificates();
        assertThat(live.problems())
                .extracting(Problem::toString)
                .singleElement()
                .asString()
                .contains("/ca.crt");
        assertThat(live.loaded().config()).isEqualTo(FIRST);

        certificatesAreBad = false;
        live.lookAtCertificates();
        assertThat(live.problems()).isEmpty();
        assertThat(live.loaded().config()).isEqualTo(next);
        live.lookAtCertificates();
        assertThat(used).containsExactly(next);
    }

    @Test
    void fileThatTurnedBadMeanwhile_endsTheWait() {
        certificatesAreBad = true;
        live.reload(config("revision: next", "first"));
        live.reject(List.of(new Problem("version", "is missing")));
        certificatesAreBad = false;
        live.lookAtCertificates();
        assertThat(used).isEmpty();
        assertThat(live.problems())
                .extracting(Problem::toString)
                .singleElement()
                .asString()
                .contains("is missing");
    }

    @Test
    void newCertificates_areReadWithTheSameSettings() {
        certificatesAreNew = true;
        live.lookAtCertificates();
        assertThat(used).containsExactly(FIRST);
        live.lookAtCertificates();
        assertThat(used).hasSize(1);
    }
}
