package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.upstream.Traffic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With the upstream gone, what the cache holds is pulled; a tag that would be asked about again is served as it was. */
class SurvivesUpstreamOutageE2E {
    private static final String NODE = "node1";
    private final Stage stage = Stage.shared();

    @BeforeEach
    void larder() {
        stage.larder();
    }

    @AfterEach
    void upstreamIsBack() {
        stage.upstream().ensureStarted();
    }

    @Test
    void freshTag() {
        String image = stage.newImage(2_000_000);
        stage.puller().pull(image, NODE);
        stage.upstream().stop();
        assertThat(stage.puller().pullAfresh(image, NODE).imageBytes()).isPositive();
    }

    @Test
    void tagThatIsAskedAboutAtEveryPull() {
        String image = stage.newImage("always-1", 2_000_000);
        stage.puller().pull(image, NODE);
        stage.upstream().takeTraffic();
        stage.puller().pullAfresh(image, NODE);
        Traffic asked = stage.upstream().takeTraffic().of(image);
        assertThat(asked.requests()).isNotEmpty();
        assertThat(asked.blobs().requests()).isEmpty();

        stage.upstream().stop();
        assertThat(stage.puller().pullAfresh(image, NODE).imageBytes()).isPositive();
    }
}
