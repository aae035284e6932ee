package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.pull.Pull;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.Traffic;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Without a RegistryCache a pod's image comes from the upstream, and the upstream counts it: the other tests build on that. */
class DirectPullE2E {
    private final Stage stage = Stage.shared();

    @BeforeEach
    void withoutCaches() {
        stage.withoutCaches();
    }

    @ParameterizedTest
    @ValueSource(strings = {DebianImages.BUSYBOX, DebianImages.NGINX, DebianImages.TWELVE_LAYERS, DebianImages.LARGE})
    void imageComesFromTheUpstream(String image) {
        Pull pull = stage.puller().pull(image, "node1");
        Traffic traffic = stage.upstream().takeTraffic();
        assertThat(traffic.direct().count()).isEqualTo(traffic.count()).isPositive();
        assertThat(traffic.blobs().bytes()).isPositive().isLessThanOrEqualTo(pull.imageBytes());
        stage.cluster().node("node1").removeImage(Puller.canonical(image));
    }
}
