package dev.larder.operator.registrycache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.operator.nodes.NodeReport;
import dev.larder.operator.nodes.Nodes;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HitRatiosTest {

    private final HitRatios ratios = new HitRatios();
    private Instant now = Nodes.NOW;

    @Test
    void noRequests_noRatio() {
        add(100, 50);
        assertThat(ratios.ofAll()).isEmpty();
    }

    @Test
    void onlyWhatIsNew_counts() {
        add(100, 0);
        add(110, 9);
        assertThat(ratios.of("docker.io")).hasValue("90%");
        assertThat(ratios.ofAll()).hasValue("90%");
        assertThat(ratios.of("quay.io")).isEmpty();
    }

    @Test
    void restartedNode_countsFromZero() {
        add(100, 100);
        add(4, 1);
        assertThat(ratios.ofAll()).hasValue("25%");
    }

    @Test
    void anHourLater_isForgotten() {
        add(0, 0);
        add(10, 0);
        now = now.plus(Duration.ofMinutes(50));
        add(20, 10);
        assertThat(ratios.ofAll()).hasValue("50%");
        now = now.plus(Duration.ofMinutes(20));
        add(20, 10);
        assertThat(ratios.ofAll()).hasValue("100%");
    }

    @Test
    void silentNode_goesOnWhereItWas() {
        add(10, 0);
        ratios.add(Map.of(), Set.of("n1"), now);
        add(20, 10);
        assertThat(ratios.ofAll()).hasValue("100%");
    }

    private void add(long requests, long hits) {
        NodeReport report = new NodeReport(
                "",
                "default",
                true,
                new NodeReport.Config("", List.of()),
                NodeReport.Storage.UNKNOWN,
                List.of(Nodes.registry("docker.io", requests, hits)),
                null,
                NodeReport.Mirror.NONE);
        ratios.add(Map.of("n1", report), Set.of("n1"), now);
    }
}
