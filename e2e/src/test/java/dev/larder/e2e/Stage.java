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
import dev.larder.e2e.toolchain.ContainerdRelease;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.UpstreamRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The cluster, the upstream registry and the installed Larder that all test classes of one JVM share; they end with it. A
 * test takes what it needs in the state it needs, by {@link #larder} or {@link #withoutCaches}, and may leave it in another.
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
    private final Map<ContainerdRelease, NativeNode> older = new EnumMap<>(ContainerdRelease.class);
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
        Await.until("containerd's entry on " + node.name(), ENTRY, () -> Files.exists(entry(node)));
    }

    /**
     * Does it again, twice at most, where it failed and the node's entry was another afterwards: on a machine that stands
     * still, the hosts writer rightly leads pulls past the cache for a moment.
     */
    public void whileEntered(String node, Runnable pulls) {
        for (int attempt = 1; ; attempt++) {
            Object before = entry(node);
            try {
                pulls.run();
                return;
            } catch (AssertionError e) {
                if (attempt == 3 || before.equals(entry(node))) {
                    throw e;
                }
                larder();
            }
        }
    }

    /** Another value for each time that it was written. */
    private Object entry(String node) {
        try {
            BasicFileAttributes file = Files.readAttributes(entry(cluster.node(node)), BasicFileAttributes.class);
            return List.of(String.valueOf(file.fileKey()), file.lastModifiedTime());
        } catch (NoSuchFileException e) {
            return new Object();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path entry(NativeNode node) {
        return node.containerdConfiguration().resolve("certs.d/docker.io/hosts.toml");
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
                  storage: {path: %s, minFree: 1Gi}
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

    /** A node with this containerd, ready for pulls through its cache; added to the cluster when it is first asked for. */
    public synchronized NativeNode nodeOf(ContainerdRelease release) {
        Larder larder = larder();
        if (release == cluster.tools().containerdRelease()) {
            return cluster.node("node1");
        }
        NativeNode node = older.computeIfAbsent(release, missing -> {
            NativeNode added = cluster.addNode(missing, progress);
            loadImages(added);
            return added;
        });
        larder.nodeCache(RESOURCE, node.name()).awaitReady();
        larder();
        return node;
    }

    /** The names of nodes with these, ready for pulls through their caches. */
    public Map<ContainerdRelease, String> nodesOf(ContainerdRelease... releases) {
        Map<ContainerdRelease, String> names = new EnumMap<>(ContainerdRelease.class);
        for (ContainerdRelease release : releases) {
            names.put(release, nodeOf(release).name());
        }
        return names;
    }

    /** The node cache of whatever resource is applied. */
    public NodeCache cacheOf(String node) {
        return installed.orElseThrow().nodeCache(RESOURCE, node);
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
