package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.cluster.NativeNode;
import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.pull.Pull;
import dev.larder.e2e.toolchain.ContainerdRelease;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What the other classes show with containerd 2, on a node with containerd 1.7: its configuration is another one, it waits for a
 * silent mirror for minutes, and it reads hosts.toml by older rules.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OlderContainerdE2E {
    private static final long SIZE = 20_000_000;
    /** Less than any wait of containerd's own, such as 30 s for a connection; a pull of this size takes two by itself. */
    private static final Duration UNHINDERED = Duration.ofSeconds(25);

    private final Stage stage = Stage.shared();
    private final NativeNode node = stage.nodeOf(ContainerdRelease.V1_7);

    @BeforeEach
    void larder() {
        stage.larder();
    }

    @AfterEach
    void upstreamIsBack() {
        stage.upstream().ensureStarted();
    }

    @AfterAll
    void usual() {
        stage.larder();
    }

    @Test
    void isTheOlderOne() {
        assertThat(stage.cluster()
                        .client()
                        .nodes()
                        .withName(node.name())
                        .get()
                        .getStatus()
                        .getNodeInfo()
                        .getContainerRuntimeVersion())
                .isEqualTo("containerd://1.7.35");
    }

    @Test
    void coldPullGoesThroughTheCache_andTheWarmOneAsksNobody_alsoInAnOutage() {
        String image = stage.newImage(SIZE);
        stage.puller().pull(image, node.name());
        assertThat(stage.upstream().takeTraffic().of(image).direct().requests()).isEmpty();
        stage.puller().pullAfresh(image, node.name());
        assertThat(stage.upstream().takeTraffic().of(image).requests()).isEmpty();
        stage.upstream().stop();
        assertThat(stage.puller().pullAfresh(image, node.name()).imageBytes()).isGreaterThan(SIZE);
    }

    @Test
    void deadCache_pullGoesToTheUpstream() {
        NodeCache cache = stage.nodeCache(node.name());
        String image = stage.newImage(SIZE);
        cache.killUntilItStaysDown();
        Pull pull = stage.puller().pull(image, node.name());
        assertThat(stage.upstream().takeTraffic().of(image).direct().blobs().bytes())
                .isGreaterThan(SIZE);
        assertThat(pull.took()).isLessThan(UNHINDERED);
        cache.awaitReady();
    }

    @Test
    void hungCache_pullIsNotHeldUp() {
        NodeCache cache = stage.nodeCache(node.name());
        int restarts = cache.restarts(NodeCache.CACHE);
        String image = stage.newImage(SIZE);
        cache.signal(NodeCache.CACHE, "SIGSTOP");
        assertThat(stage.puller().pull(image, node.name()).took()).isLessThan(UNHINDERED);
        Await.until(
                "the restart of the hung cache",
                Duration.ofMinutes(6), // the kubelet may wait for five before it starts it
                () -> cache.restarts(NodeCache.CACHE) > restarts && cache.ready());
    }
}
