package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.pull.Pull;
import dev.larder.e2e.upstream.Call;
import dev.larder.e2e.upstream.Fault;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node cache that dies or hangs, at any moment of a pull, costs that pull less than 1.5 s: containerd goes to the upstream. */
@Tag("alone") // it measures times that another cluster would change
class CacheFailureE2E {
    private static final String NODE = "node2";
    private static final Duration MAX_ADDED = Duration.ofMillis(1500);
    private static final long SIZE = 40_000_000;
    private static final Fault SLOW = new Fault.Slow(10_000_000);
    private static final Stage STAGE = Stage.shared();

    @SuppressWarnings("NullAway.Init")
    private static Duration direct;

    @SuppressWarnings("NullAway.Init")
    private static Duration directAndSlow;

    @BeforeAll
    static void measureDirectPulls() {
        STAGE.withoutCaches();
        STAGE.puller().pull(STAGE.newImage(SIZE), NODE);
        direct = STAGE.puller().pull(STAGE.newImage(SIZE), NODE).took();
        STAGE.upstream().misbehave(Call::ofBlob, SLOW);
        directAndSlow = STAGE.puller().pull(STAGE.newImage(SIZE), NODE).took();
    }

    @BeforeEach
    void larder() {
        STAGE.larder();
    }

    @AfterEach
    void withoutFaults() {
        STAGE.upstream().behave();
    }

    @Test
    void killed() {
        NodeCache cache = STAGE.nodeCache(NODE);
        String image = STAGE.newImage(SIZE);
        cache.killUntilItStaysDown();
        Pull pull = STAGE.puller().pull(image, NODE);
        assertThat(STAGE.upstream().takeTraffic().of(image).direct().blobs().bytes())
                .isGreaterThan(SIZE);
        assertThat(pull.took().minus(direct)).isLessThan(MAX_ADDED);
        cache.awaitReady();
    }

    @Test
    void hungBeforeThePull() {
        NodeCache cache = STAGE.nodeCache(NODE);
        int restarts = cache.restarts(NodeCache.CACHE);
        String image = STAGE.newImage(SIZE);
        cache.signal(NodeCache.CACHE, "SIGSTOP");
        Pull pull = STAGE.puller().pull(image, NODE);
        assertThat(pull.took().minus(direct)).isLessThan(MAX_ADDED);
        Await.until(
                "the restart of the hung cache",
                Duration.ofMinutes(6), // the kubelet may wait for five before it starts it
                () -> cache.restarts(NodeCache.CACHE) > restarts && cache.ready());
    }

    @Test
    void hungInTheMiddleOfABlob() {
        NodeCache cache = STAGE.nodeCache(NODE);
        // So slow that the middle of the blob lasts; the direct pull was measured at the same rate.
        STAGE.upstream().misbehave(Call::ofBlob, SLOW);
        String image = STAGE.newImage(SIZE);
        STAGE.upstream().takeTraffic();
        double before = cache.metrics().sum("larder_upstream_bytes_total", Map.of());
        String pod = STAGE.puller().start(image, NODE);
        Await.until(
                "bytes in the cache",
                Duration.ofSeconds(30),
                () -> cache.metrics().sum("larder_upstream_bytes_total", Map.of()) > before + SIZE / 10);
        cache.signal(NodeCache.CACHE, "SIGSTOP");
        Pull pull = STAGE.puller().await(pod, image, NODE);
        STAGE.puller().remove(pod);
        assertThat(STAGE.upstream().takeTraffic().of(image).direct().blobs().bytes())
                .isPositive();
        assertThat(pull.took().minus(directAndSlow)).isLessThan(MAX_ADDED);
        cache.awaitReady();
    }
}
