package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.process.Component;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.ContainerdRelease;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.Toolchain;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Kubernetes from its own programs on this machine, without Docker: a control plane and any number of nodes, each in
 * namespaces of its own. Needs root. Up to {@value Slot#COUNT} can run at the same time.
 *
 * <p>It ends with {@link #close}, with Ctrl-C (a shutdown hook) and with the death of this JVM; only after
 * {@link #detach} does it go on until {@link #endAll}. Thread-safe.
 */
public final class NativeCluster implements Cluster {
    private static final Duration READY = Duration.ofMinutes(3);
    /** Above the ports of a node's own programs and of the upstream registry that every run has. */
    private static final int FIRST_PORT = 5010;

    private final Slot slot;
    private final CacheFolder cache;
    private final Toolchain tools;
    private final Enclosure enclosure;
    private final Ending ending;
    private final Network network;
    private final Pki pki;
    private final Path logs;
    private final ControlPlane controlPlane;
    private final Path pauseImage;
    private final List<NativeNode> nodes = new CopyOnWriteArrayList<>();
    private final AtomicInteger lastPort = new AtomicInteger(FIRST_PORT);

    /** Starts a cluster and returns when all its nodes are Ready. */
    public static NativeCluster start(int nodes, CacheFolder cache, Progress progress) {
        Toolchain tools = Toolchain.prepare(cache, progress);
        return progress.produce("start a cluster of " + nodes + " nodes", () -> {
            Enclosure enclosure = Enclosure.open();
            Ending ending = Ending.of(enclosure, tools.system().resolve("ip"), cache);
            try {
                Slot slot = Slot.changing(cache, () -> claim(cache, tools, enclosure, ending));
                var cluster = new NativeCluster(cache, tools, enclosure, ending, slot);
                cluster.startAll(nodes);
                return cluster;
            } catch (RuntimeException e) {
                ending.end();
                ending.forget();
                throw e;
            }
        });
    }

    /** Called by one at a time on this machine ({@link Slot#changing}). */
    static Slot claim(CacheFolder cache, Toolchain tools, Enclosure enclosure, Ending ending) {
        Leftovers.sweep(cache);
        for (int number = 0; number < Slot.COUNT; number++) {
            Slot slot = Slot.of(number, cache);
            if (ending.take(slot, () -> Network.claim(slot, tools, enclosure))) {
                Leftovers.remove(slot);
                Leftovers.record(slot, enclosure.supervisorPid());
                return slot;
            }
        }
        throw new CommandFailure("all " + Slot.COUNT + " subnets 10.89.0.0/24 to 10.89." + (Slot.COUNT - 1)
                + ".0/24 are in use on this machine; end a cluster with 'make cluster-down'");
    }

    private NativeCluster(CacheFolder cache, Toolchain tools, Enclosure enclosure, Ending ending, Slot slot) {
        this.slot = slot;
        this.cache = cache;
        this.tools = tools;
        this.enclosure = enclosure;
        this.ending = ending;
        network = Network.build(slot, tools, enclosure);
        logs = slot.folder().resolve("log");
        try {
            Files.createDirectories(logs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        pki = new Pki(slot.folder().resolve("pki"), tools.system().resolve("openssl"));
        controlPlane = new ControlPlane(slot, tools, pki, enclosure, logs);
        pauseImage = PauseImage.archive(cache, tools);
    }

    private void startAll(int count) {
        controlPlane.start();
        for (int index = 1; index <= count; index++) {
            startNode(index, tools);
        }
        nodes.forEach(this::awaitReady);
        nodes.forEach(NativeNode::startProxy);
        Await.until(
                "the default service account",
                READY,
                () -> client().serviceAccounts()
                                .inNamespace("default")
                                .withName("default")
                                .get()
                        != null);
    }

    private NativeNode startNode(int index, Toolchain nodeTools) {
        NativeNode node = new NativeNode(index, slot, nodeTools, pki, enclosure, logs);
        network.join(node, nodes);
        node.start(pauseImage);
        nodes.add(node);
        return node;
    }

    private void awaitReady(NativeNode node) {
        Await.until(
                node.name() + " being Ready",
                READY,
                () -> Optional.ofNullable(client().nodes().withName(node.name()).get()).stream()
                        .flatMap(object -> object.getStatus().getConditions().stream())
                        .anyMatch(condition ->
                                "Ready".equals(condition.getType()) && "True".equals(condition.getStatus())),
                () -> node.components().stream()
                        .map(component -> component.name() + ":\n" + component.logTail())
                        .reduce("", (left, right) -> left + "\n" + right));
    }

    /** Adds a node to the running cluster and returns when it is Ready. */
    public synchronized NativeNode addNode() {
        return addNode(tools);
    }

    /** The same with another release of containerd on it, which is built when the cache does not have it. */
    public synchronized NativeNode addNode(ContainerdRelease release, Progress progress) {
        return addNode(tools.with(release, cache, progress));
    }

    private NativeNode addNode(Toolchain nodeTools) {
        NativeNode node = startNode(nodes.size() + 1, nodeTools);
        awaitReady(node);
        node.startProxy();
        return node;
    }

    /** Ends the API server; etcd and the nodes go on. */
    public void stopApiServer() {
        controlPlane.stopApiServer();
    }

    /** Starts the API server again and returns when it answers. */
    public void startApiServer() {
        controlPlane.startApiServer();
    }

    /** A program of ours inside the cluster's control plane network, ended with the cluster. Not started yet. */
    public Component component(String name, List<String> line, Map<String, String> environment) {
        return new Component(name, enclosure.entry(), line, environment, logs.resolve(name + ".log"));
    }

    /** The same in the machine's network, where it can listen on {@link #hostAddress}. */
    public Component hostComponent(String name, List<String> line) {
        return new Component(name, enclosure.hostNetworkEntry(), line, Map.of(), logs.resolve(name + ".log"));
    }

    @Override
    public Path kubeconfig() {
        return controlPlane.kubeconfig();
    }

    @Override
    public KubernetesClient client() {
        return controlPlane.client();
    }

    @Override
    public List<NativeNode> nodes() {
        return List.copyOf(nodes);
    }

    @Override
    public NativeNode node(String name) {
        return (NativeNode) Cluster.super.node(name);
    }

    /** The address under which nodes reach what this JVM listens on. */
    public String hostAddress() {
        return slot.hostAddress();
    }

    /** A port that nothing else in this cluster was told to listen on, at any of its addresses. */
    public int newPort() {
        return lastPort.incrementAndGet();
    }

    /** The address of programs started by {@link #component}. */
    public String controlPlaneAddress() {
        return slot.controlPlaneAddress();
    }

    public Toolchain tools() {
        return tools;
    }

    /** A certificate of the authority that the nodes' containerd trusts, for a server that plays a public registry. */
    public TlsFiles serverCertificate(String name, String alternativeNames) {
        pki.certificate(name, "/CN=" + name, alternativeNames);
        return new TlsFiles(pki.file(name + ".crt"), pki.file(name + ".key"), pki.file("ca.crt"));
    }

    /** A certificate, its key (PKCS#8) and the authority that signed it, as PEM files. */
    public record TlsFiles(Path certificate, Path key, Path authority) {}

    /** The folder of this cluster's files; the logs of its parts are in {@code log} below it. */
    public Path folder() {
        return slot.folder();
    }

    @Override
    public String description() {
        return "native cluster " + slot.number() + ": " + nodes.size() + " nodes, logs in " + logs;
    }

    /** Lets the cluster go on after this JVM. {@code ClusterDown} ends it. */
    public void detach() {
        enclosure.detach();
        ending.forget();
    }

    /** Ends every native cluster of this cache, whoever started it; returns how many were running. */
    public static int endAll(CacheFolder cache) {
        return Slot.changing(cache, () ->
                (int) Leftovers.slots(cache).stream().filter(Leftovers::end).count());
    }

    @Override
    public void close() {
        controlPlane.client().close();
        ending.end();
        ending.forget();
    }
}
