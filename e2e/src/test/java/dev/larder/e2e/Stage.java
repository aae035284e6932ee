package dev.larder.e2e;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.UpstreamRegistry;
import java.time.Duration;

/** The cluster and the upstream registry that all test classes of one run share; they end with the JVM. */
public final class Stage {
    private static final class Holder {
        private static final Stage SHARED = new Stage();
    }

    private final NativeCluster cluster;
    private final UpstreamRegistry upstream;
    private final Puller puller;

    private Stage() {
        CacheFolder cache = CacheFolder.ofEnvironment();
        Progress progress = new Progress(System.out);
        cluster = NativeCluster.start(2, cache, progress);
        upstream = UpstreamRegistry.start(cluster, DebianImages.prepareWithLarge(cache, cluster.tools(), progress));
        puller = new Puller(cluster, Duration.ofMinutes(2));
    }

    public static Stage shared() {
        return Holder.SHARED;
    }

    public NativeCluster cluster() {
        return cluster;
    }

    public UpstreamRegistry upstream() {
        return upstream;
    }

    public Puller puller() {
        return puller;
    }
}
