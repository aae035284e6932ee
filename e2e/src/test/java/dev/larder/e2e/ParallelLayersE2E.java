package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.cluster.NativeNode;
import dev.larder.e2e.install.Metrics;
import dev.larder.e2e.upstream.Traffic;
import dev.larder.e2e.upstream.UpstreamRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** containerd that fetches a layer as many ranges at once still makes one upstream fetch of it. */
class ParallelLayersE2E {
    private static final String NODE = "node2";
    private static final long SIZE = 40_000_000;
    private final Stage stage = Stage.shared();
    private final NativeNode node = stage.cluster().node(NODE);
    private final Path config = node.containerdConfiguration().resolve("config.toml");
    private String before = "";

    @BeforeEach
    void fetchLayersInParallel() throws IOException {
        stage.larder();
        before = Files.readString(config);
        restartWith(before + """
                [plugins.'io.containerd.transfer.v1.local']
                  max_concurrent_downloads = 6
                  concurrent_layer_fetch_buffer = 2097152
                """);
    }

    @AfterEach
    void asBefore() throws IOException {
        restartWith(before);
    }

    private void restartWith(String text) throws IOException {
        node.stopContainerd();
        Files.writeString(config, text);
        node.startContainerd();
    }

    @Test
    void coldLayerInManyRanges_isFetchedOnce_andThenComesFromTheCacheAlone() {
        String image = stage.newImage(SIZE);
        double ranges = blobRequests();
        stage.puller().pull(image, NODE);
        Traffic cold = stage.upstream().takeTraffic().of(image);
        assertThat(cold.direct().requests()).isEmpty();
        List<String> fetched = cold.blobs().requests().stream()
                .map(UpstreamRequest::call)
                .filter(call -> call.method().equals("GET"))
                .map(call -> call.path())
                .toList();
        assertThat(fetched).doesNotHaveDuplicates();
        assertThat(cold.blobs().bytes()).isBetween(SIZE, SIZE + SIZE / 10);
        // Else this test would not be about ranges.
        assertThat(blobRequests() - ranges).isGreaterThan(fetched.size() + 5);

        stage.puller().pullAfresh(image, NODE);
        assertThat(stage.upstream().takeTraffic().of(image).requests()).isEmpty();
    }

    private double blobRequests() {
        Metrics metrics = stage.nodeCache(NODE).metrics();
        return metrics.sum("larder_requests_total", Map.of("kind", "blob"));
    }
}
