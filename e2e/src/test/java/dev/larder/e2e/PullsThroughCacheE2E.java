package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.Traffic;
import dev.larder.e2e.upstream.UpstreamRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a node has pulled once it pulls again without the upstream, and what many ask for at once is fetched once. */
class PullsThroughCacheE2E {
    private static final String NODE = "node2";
    private final Stage stage = Stage.shared();

    @BeforeEach
    void larder() {
        stage.larder();
    }

    @ParameterizedTest
    @ValueSource(strings = {DebianImages.BUSYBOX, DebianImages.NGINX, DebianImages.TWELVE_LAYERS, DebianImages.LARGE})
    void coldThroughTheCache_thenWithoutTheUpstream(String image) {
        stage.puller().pull(image, NODE);
        Traffic cold = stage.upstream().takeTraffic().of(image);
        assertThat(cold.direct().requests()).isEmpty();
        assertThat(eachBlob(cold))
                .isNotEmpty()
                .allSatisfy((path, count) -> assertThat(count).as(path).isEqualTo(1));

        stage.puller().pullAfresh(image, NODE);
        assertThat(stage.upstream().takeTraffic().of(image).requests()).isEmpty();
        stage.cluster().node(NODE).removeImage(Puller.canonical(image));
    }

    @Test
    void twentyPodsOfOneColdImage_fetchEachBlobOnce() {
        stage.whileEntered(NODE, this::twentyPods);
    }

    private void twentyPods() {
        String image = stage.newImage(20_000_000, 5_000_000, 1_000_000);
        stage.upstream().takeTraffic();
        List<String> pods = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            pods.add(stage.puller().start(image, NODE));
        }
        pods.forEach(pod -> stage.puller().awaitRunning(pod));
        Traffic traffic = stage.upstream().takeTraffic().of(image);
        pods.forEach(stage.puller()::remove);
        assertThat(traffic.direct().requests()).isEmpty();
        // Three layers and the config are new; the layer with the program may be known from another image.
        assertThat(eachBlob(traffic))
                .hasSizeBetween(4, 5)
                .allSatisfy((path, count) -> assertThat(count).as(path).isEqualTo(1));
    }

    private static Map<String, Long> eachBlob(Traffic traffic) {
        return traffic.blobs().requests().stream()
                .map(UpstreamRequest::call)
                .filter(call -> call.method().equals("GET"))
                .map(call -> call.path())
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }
}
