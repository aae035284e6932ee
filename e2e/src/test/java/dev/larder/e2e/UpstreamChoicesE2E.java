package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.install.Larder;
import dev.larder.e2e.upstream.Call;
import dev.larder.e2e.upstream.Traffic;
import dev.larder.e2e.upstream.UpstreamRequest;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The ways to name an upstream: one with a certificate of its own authority, several of which the first is dead. */
class UpstreamChoicesE2E {
    private static final String NODE = "node1";
    private static final long SIZE = 2_000_000;
    private final Stage stage = Stage.shared();
    private final Larder larder = stage.larder();

    @BeforeEach
    void nothingElse() {
        stage.withoutCaches();
    }

    @AfterEach
    void usual() {
        stage.larder();
    }

    private void apply(String upstreams) {
        larder.apply("""
                apiVersion: larder.dev/v1alpha1
                kind: RegistryCache
                metadata: {name: default}
                spec:
                  registries:
                  - host: docker.io
                    upstreams: %s
                  storage: {minFree: 1Gi}
                """.formatted(upstreams));
        larder.awaitReady(Stage.RESOURCE);
        stage.upstream().takeTraffic();
    }

    private Traffic pulled(String image) {
        assertThat(stage.puller().pull(image, NODE).imageBytes()).isGreaterThan(SIZE);
        return stage.upstream().takeTraffic().of(image);
    }

    @Test
    void httpsWithTheAuthorityOfAConfigMap_isAskedThroughTheCacheAlone() {
        stage.cluster()
                .client()
                .resource(new ConfigMapBuilder()
                        .withNewMetadata()
                        .withName("corp-ca")
                        .withNamespace(Larder.NAMESPACE)
                        .endMetadata()
                        .addToData("ca.crt", stage.upstream().authority())
                        .build())
                .serverSideApply();
        apply("[{url: \"https://registry-1.docker.io\", caBundleRef: {name: corp-ca}}]");
        // containerd has to trust it too, for the pulls that go past a dead cache.
        assertThat(stage.cluster()
                        .node(NODE)
                        .command("sh", "-c", "cat /etc/containerd/certs.d/docker.io/hosts.toml")
                        .run())
                .contains("ca = ");
        String image = stage.newImage(SIZE);
        Traffic traffic = pulled(image);
        assertThat(traffic.direct().requests()).isEmpty();
        assertThat(traffic.blobs().requests())
                .isNotEmpty()
                .extracting(UpstreamRequest::call)
                .allMatch(Call::tls);

        stage.puller().pullAfresh(image, NODE);
        assertThat(stage.upstream().takeTraffic().of(image).requests()).isEmpty();
    }

    @Test
    void firstUpstreamDead_theNextIsAskedByTheCache() {
        // Nothing listens on the discard port of this machine.
        String dead = stage.upstream().url().toString().replace(":5000", ":9");
        apply("[{url: \"" + dead + "\"}, {url: \"" + stage.upstream().url() + "\"}]");
        Traffic traffic = pulled(stage.newImage(SIZE));
        assertThat(traffic.direct().requests()).isEmpty();
        assertThat(traffic.blobs().bytes()).isGreaterThan(SIZE);
    }

    @Test
    void pullByDigest_comesFromTheCacheAndThenWithoutTheUpstream() {
        apply("[{url: \"" + stage.upstream().url() + "\"}]");
        String image = stage.newImage(SIZE);
        String repository = image.substring(0, image.lastIndexOf(':'));
        String byDigest = repository + "@" + stage.upstream().digest(image);
        Traffic traffic = pulled(byDigest);
        assertThat(traffic.direct().requests()).isEmpty();
        assertThat(traffic.blobs().bytes()).isGreaterThan(SIZE);

        stage.puller().pullAfresh(byDigest, NODE);
        assertThat(stage.upstream().takeTraffic().of(image).requests()).isEmpty();
    }
}
