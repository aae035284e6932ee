package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.e2e.cluster.ExistingCluster;
import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.cluster.NativeNode;
import dev.larder.e2e.demo.GivenClusterDemo;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.LarderImages;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.UpstreamRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The demo on a cluster that a kubeconfig names: it shows what it shows, and the cluster is as it was afterwards. */
class GivenClusterE2E {
    private final Progress progress = new Progress(System.out);

    @Test
    void emptyCluster_isUsedAndLeftAsItWas() throws IOException {
        CacheFolder cache = CacheFolder.ofEnvironment();
        try (NativeCluster cluster = NativeCluster.start(1, cache, progress);
                ExistingCluster given = new ExistingCluster(cluster.kubeconfig())) {
            UpstreamRegistry upstream =
                    UpstreamRegistry.start(cluster, DebianImages.prepare(cache, cluster.tools(), progress));
            NativeNode node = cluster.node("node1");
            LarderImages.build(System.out).forEach(node::importImage);
            Map<String, String> before = TreeSnapshot.of(node.containerdConfiguration());

            assertThat(demo(given, "[{url: \"" + upstream.url() + "\"}]").run(System.out))
                    .isTrue();

            assertThat(upstream.takeTraffic().direct().requests()).isEmpty();
            assertThat(TreeSnapshot.of(node.containerdConfiguration())).isEqualTo(before);
            assertThat(given.client().namespaces().withName(Larder.NAMESPACE).get())
                    .isNull();
            assertThat(given.client()
                            .apiextensions()
                            .v1()
                            .customResourceDefinitions()
                            .list()
                            .getItems())
                    .isEmpty();
        }
    }

    @Test
    void clusterWhereLarderIsInUse_isLeftAlone() {
        Stage.shared().larder();
        Path kubeconfig = Stage.shared().cluster().kubeconfig();
        try (ExistingCluster given = new ExistingCluster(kubeconfig)) {
            GivenClusterDemo demo = demo(given, "[]");
            assertThatThrownBy(() -> demo.run(System.out))
                    .isInstanceOf(CommandFailure.class)
                    .hasMessageContaining("already");
            assertThat(given.client()
                            .resources(RegistryCache.class)
                            .withName(Stage.RESOURCE)
                            .get())
                    .isNotNull();
        }
    }

    private GivenClusterDemo demo(ExistingCluster cluster, String upstreams) {
        return new GivenClusterDemo(
                cluster, new GivenClusterDemo.Settings(DebianImages.BUSYBOX, upstreams, Map.of()), progress);
    }
}
