package dev.larder.e2e;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.cluster.NativeNode;
import dev.larder.e2e.cluster.Node;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.LarderImages;
import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.UpstreamRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The cluster, the upstream registry and the installed Larder that all test classes of one run share; they end with the
 * JVM. A test takes what it needs in the state it needs, by {@link #larder} or {@link #withoutCaches}, and may leave it in
 * another.
 */
public final class Stage {
    public static final String RESOURCE = "default";
    private static final Duration ENTRY = Duration.ofMinutes(3);

    private static final class Holder {
        private static final Stage SHARED = new Stage();
    }

    private final NativeCluster cluster;
    private final UpstreamRegistry upstream;
    private final Puller puller;
    private final Progress progress = new Progress(System.out);
    private final AtomicInteger images = new AtomicInteger();
    private List<Path> archives = List.of();
    private Optional<Larder> installed = Optional.empty();

    private Stage() {
        CacheFolder cache = CacheFolder.ofEnvironment();
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

    /** Larder with the resource {@code default} Ready on every node, and an upstream without faults. */
    public synchronized Larder larder() {
        upstream.behave();
        Larder larder = installed.orElseGet(this::install);
        larder.apply(spec("/var/lib/larder"));
        larder.awaitReady(RESOURCE);
        cluster.nodes().forEach(Stage::awaitEntry);
        upstream.takeTraffic();
        return larder;
    }

    /** A test before may have ended pods, which the status does not say yet. */
    private static void awaitEntry(NativeNode node) {
        Path entry = node.containerdConfiguration().resolve("certs.d/docker.io/hosts.toml");
        Await.until("containerd's entry on " + node.name(), ENTRY, () -> Files.exists(entry));
    }

    /** Larder with no RegistryCache. */
    public synchronized Larder withoutCaches() {
        upstream.behave();
        Larder larder = installed.orElseGet(this::install);
        for (RegistryCache cache :
                cluster.client().resources(RegistryCache.class).list().getItems()) {
            larder.delete(cache.getMetadata().getName());
        }
        upstream.takeTraffic();
        return larder;
    }

    /** The resource {@code default} that {@link #larder} applies, with its storage elsewhere. */
    public String spec(String storagePath) {
        return """
                apiVersion: larder.dev/v1alpha1
                kind: RegistryCache
                metadata: {name: default}
                spec:
                  registries:
                  - host: docker.io
                    upstreams: [{url: "%s"}]
                    tags:
                    - {pattern: "always-*", freshFor: 0s, staleWhileRevalidate: 0s}
                  storage: {path: %s}
                """.formatted(upstream.url(), storagePath);
    }

    private Larder install() {
        try {
            archives = LarderImages.build(System.out);
            progress.step("load Larder's images on every node", () -> {
                cluster.nodes().forEach(this::loadImages);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Larder larder = progress.produce("install Larder's chart", () -> Larder.install(cluster, Map.of()));
        installed = Optional.of(larder);
        return larder;
    }

    /** Loads Larder's images on a node, as the cluster's nodes had them when Larder was installed. */
    public void loadImages(Node node) {
        archives.forEach(node::importImage);
    }

    public NodeCache nodeCache(String node) {
        return larder().nodeCache(RESOURCE, node);
    }

    /** The name of an image that nobody has pulled before, with a layer of each of these sizes. */
    public String newImage(long... layerBytes) {
        return newImage("1", layerBytes);
    }

    public String newImage(String tag, long... layerBytes) {
        String image = "larder/e2e-" + images.incrementAndGet() + ":" + tag;
        upstream.publish(image, layerBytes);
        return image;
    }
}
