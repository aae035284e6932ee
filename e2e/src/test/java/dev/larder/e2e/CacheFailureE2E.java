package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.pull.Pull;
import dev.larder.e2e.upstream.Call;
import dev.larder.e2e.upstream.Fault;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;
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
    private static final int TRIES = 3;
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

    /** A machine that stands still for a moment adds to any pull: one of three must be quick. */
    private static void addsLittle(Supplier<Duration> pull) {
        Duration added = pull.get();
        for (int i = 1; i < TRIES && added.compareTo(MAX_ADDED) >= 0; i++) {
            added = pull.get();
        }
        assertThat(added).isLessThan(MAX_ADDED);
    }

    @Test
    void killed() {
        addsLittle(this::byAKilledOne);
    }

    private Duration byAKilledOne() {
        NodeCache cache = STAGE.nodeCache(NODE);
        String image = STAGE.newImage(SIZE);
        cache.killUntilItStaysDown();
        Pull pull = STAGE.puller().pull(image, NODE);
        assertThat(STAGE.upstream().takeTraffic().of(image).direct().blobs().bytes())
                .isGreaterThan(SIZE);
        cache.awaitReady();
        return pull.took().minus(direct);
    }

    @Test
    void hungBeforeThePull() {
        addsLittle(this::byOneThatHungBefore);
    }

    private Duration byOneThatHungBefore() {
        NodeCache cache = STAGE.nodeCache(NODE);
        int restarts = cache.restarts(NodeCache.CACHE);
        String image = STAGE.newImage(SIZE);
        cache.signal(NodeCache.CACHE, "SIGSTOP");
        Pull pull = STAGE.puller().pull(image, NODE);
        Await.until(
                "the restart of the hung cache",
                Duration.ofMinutes(6), // the kubelet may wait for five before it starts it
                () -> cache.restarts(NodeCache.CACHE) > restarts && cache.ready());
        return pull.took().minus(direct);
    }

    @Test
    void hungInTheMiddleOfABlob() {
        addsLittle(this::byOneThatHungInTheMiddleOfABlob);
    }

    private Duration byOneThatHungInTheMiddleOfABlob() {
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
        boolean late = STAGE.upstream().takeTraffic().of(image).direct().blobs().bytes() == 0;
        cache.awaitReady();
        // Another try begins without it.
        STAGE.upstream().behave();
        // One that hung when it had given all of the blob costs nothing, and shows nothing.
        return late ? MAX_ADDED : pull.took().minus(directAndSlow);
    }
}
