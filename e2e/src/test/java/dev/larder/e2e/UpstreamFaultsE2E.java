package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.upstream.Call;
import dev.larder.e2e.upstream.Fault;
import java.time.Duration;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An upstream that fails the node cache, but not containerd itself, fails no pull, and nothing wrong stays in the store. */
class UpstreamFaultsE2E {
    private static final String NODE = "node1";
    private final Stage stage = Stage.shared();

    @BeforeEach
    void larder() {
        stage.larder();
    }

    @AfterEach
    void behave() {
        stage.upstream().behave();
    }

    static Stream<Arguments> faults() {
        Predicate<Call> all = call -> !call.direct();
        Predicate<Call> blobs = all.and(Call::ofBlob);
        return Stream.of(
                Arguments.of(Named.of("blobs are cut short", blobs), new Fault.Cut(300_000)),
                Arguments.of(Named.of("blobs stall", blobs), new Fault.Stall(300_000)),
                Arguments.of(Named.of("blobs are corrupt", blobs), new Fault.Corrupt()),
                Arguments.of(Named.of("blobs are missing", blobs), Fault.Answer.of(404)),
                Arguments.of(Named.of("blobs are throttled", blobs), Fault.Answer.of(429)),
                Arguments.of(Named.of("everything hangs", all), new Fault.Hang()),
                Arguments.of(Named.of("everything is missing", all), Fault.Answer.of(404)),
                Arguments.of(Named.of("everything is throttled", all), Fault.Answer.of(429)),
                Arguments.of(Named.of("everything is an error", all), Fault.Answer.of(500)),
                Arguments.of(
                        Named.of("everything asks for credentials", all),
                        new Fault.Answer(401, Map.of("WWW-Authenticate", "Basic realm=\"upstream\""))));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void pullSucceedsAllTheSame(Predicate<Call> where, Fault fault) {
        String image = stage.newImage(3_000_000, 2_000_000);
        stage.upstream().misbehave(where, fault);
        assertThat(stage.puller().pull(image, NODE).imageBytes()).isGreaterThan(5_000_000);
        stage.upstream().behave();
        stage.upstream().takeTraffic();

        Await.until("a pull through the cache after the faults", Duration.ofSeconds(60), () -> {
            stage.puller().pullAfresh(image, NODE);
            return stage.upstream().takeTraffic().of(image).direct().requests().isEmpty();
        });
        stage.puller().pullAfresh(image, NODE);
        assertThat(stage.upstream().takeTraffic().of(image).requests()).isEmpty();
    }

    @Test
    void cacheKilledInTheMiddleOfAFill_servesNothingHalf() {
        NodeCache cache = stage.nodeCache(NODE);
        String image = stage.newImage(30_000_000);
        stage.upstream().misbehave(Call::ofBlob, new Fault.Slow(10_000_000));
        double before = cache.metrics().sum("larder_upstream_bytes_total", Map.of());
        String pod = stage.puller().start(image, NODE);
        Await.until(
                "the middle of the fill",
                Duration.ofSeconds(30),
                () -> cache.metrics().sum("larder_upstream_bytes_total", Map.of()) > before + 5_000_000);
        cache.signal(NodeCache.CACHE, "SIGKILL");
        stage.puller().awaitRunning(pod);
        stage.puller().remove(pod);
        stage.upstream().behave();
        cache.awaitReady();
        stage.larder();

        assertThat(stage.puller().pullAfresh(image, NODE).imageBytes()).isGreaterThan(30_000_000);
        assertThat(stage.upstream().takeTraffic().of(image).direct().requests()).isEmpty();
        stage.puller().pullAfresh(image, NODE);
        assertThat(stage.upstream().takeTraffic().of(image).requests()).isEmpty();
    }

    @Test
    void diskFull_pullGoesOn() {
        stage.cluster().nodes().forEach(node -> node.command(
                        "sh", "-c", "mkdir -p /var/lib/small && mount -t tmpfs -o size=8m small /var/lib/small")
                .run());
        var larder = stage.larder();
        larder.apply(stage.spec("/var/lib/small").replace("minFree: 1Gi", "minFree: 15%"));
        larder.awaitReady(Stage.RESOURCE);
        String image = stage.newImage(30_000_000);
        stage.upstream().takeTraffic();
        assertThat(stage.puller().pull(image, NODE).imageBytes()).isGreaterThan(30_000_000);
        assertThat(larder.nodeCache(Stage.RESOURCE, NODE).ready()).isTrue();
    }
}
