package dev.larder.e2e.upstream;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Component;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/**
 * A real registry that plays docker.io for one native cluster. Nodes reach it in two ways: under
 * {@code https://registry-1.docker.io}, which their hosts file and trust lead here, as containerd goes there by itself; and
 * under {@link #url}, which a RegistryCache is told. Every request is counted.
 *
 * <p>It can be stopped and started, and made to misbehave. It ends with its cluster; thread-safe.
 */
public final class UpstreamRegistry {
    private static final Duration START = Duration.ofMinutes(3);
    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final int PORT = 5000;
    private static final int TLS_PORT = 443;

    private final NativeCluster cluster;
    private final Path storage;
    private final NativeCluster.TlsFiles certificate;
    private final Component process;
    private final DockerRegistry registry;
    private final URI url;
    private final List<RegistryFront> fronts;
    private final CopyOnWriteArrayList<UpstreamRequest> log = new CopyOnWriteArrayList<>();
    private final CopyOnWriteArrayList<RegistryFront.Injection> injections = new CopyOnWriteArrayList<>();
    private final HttpClient client = HttpClient.newHttpClient();

    private UpstreamRegistry(NativeCluster cluster, Path storage) {
        this.cluster = cluster;
        this.storage = storage;
        registry = DockerRegistry.at(
                cluster.tools().system().resolve("docker-registry"), storage, cluster.controlPlaneAddress(), PORT);
        process = cluster.component("docker-registry", registry.line(), Map.of("OTEL_TRACES_EXPORTER", "none"));
        url = URI.create("http://" + cluster.hostAddress() + ":" + PORT);
        certificate = cluster.serverCertificate("registry-1.docker.io", "DNS:registry-1.docker.io");
        fronts = List.of(
                front(PORT, Optional.empty()),
                front(TLS_PORT, Optional.of(Tls.server(certificate.certificate(), certificate.key()))));
    }

    private RegistryFront front(int port, Optional<javax.net.ssl.SSLContext> tls) {
        return new RegistryFront(
                new InetSocketAddress(cluster.hostAddress(), port), tls, registry.address(), log, injections);
    }

    /** Starts a registry that holds {@code images} and is the cluster's docker.io. */
    public static UpstreamRegistry start(NativeCluster cluster, DebianImages images) {
        Path storage = cluster.folder().resolve("upstream");
        images.copyTo(storage);
        var upstream = new UpstreamRegistry(cluster, storage);
        upstream.start();
        return upstream;
    }

    /** Starts it again after {@link #stop}, with the same content. */
    public void start() {
        process.start();
        Await.until("the start of the upstream registry", START, () -> registry.answers(client), process::logTail);
        fronts.forEach(RegistryFront::open);
    }

    public void ensureStarted() {
        if (!process.running()) {
            start();
        }
    }

    /** Ends it: connections are refused, those under way are closed. */
    public void stop() {
        fronts.forEach(RegistryFront::close);
        process.stop(GRACE);
    }

    /** Hands its two addresses to registries without counting, which go on with the cluster after this JVM. */
    public void detach() {
        fronts.forEach(RegistryFront::close);
        Path program = registry.program();
        DockerRegistry plain = DockerRegistry.at(program, storage, cluster.hostAddress(), PORT);
        DockerRegistry secure = DockerRegistry.at(
                program, storage, cluster.hostAddress(), TLS_PORT, certificate.certificate(), certificate.key());
        cluster.hostComponent("registry-plain", plain.line()).start();
        cluster.hostComponent("registry-tls", secure.line()).start();
    }

    /** The plain HTTP address to be named as an upstream in a RegistryCache. */
    public URI url() {
        return url;
    }

    /** The authority that signed the certificate of its https address, as PEM. */
    public String authority() {
        try {
            return Files.readString(certificate.authority());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The digest of the manifest that an image's tag stands for now. The request is not counted. */
    public String digest(String image) {
        return registry.digest(client, image);
    }

    /** The registry itself, past the counting: for pushes. */
    public URI pushUrl() {
        return registry.address();
    }

    /** From now on calls that the predicate takes meet the fault; of several faults the earliest counts. */
    public void misbehave(Predicate<Call> where, Fault fault) {
        injections.add(new RegistryFront.Injection(where, fault));
    }

    public void behave() {
        injections.clear();
    }

    /**
     * Pushes an image that nobody has pulled before: a program that waits, and a layer of each of these sizes that does not
     * compress. The push is not counted.
     */
    public void publish(String image, long... layerBytes) {
        Path folder = cluster.folder().resolve("generated");
        GeneratedImage.push(registry.address(), cluster.tools().pause(), folder, image, layerBytes);
    }

    /** What has reached it since this was called last, or since its start. */
    public synchronized Traffic takeTraffic() {
        return Traffic.takenFrom(log);
    }

    /** What has reached it since {@link #takeTraffic} was called last. */
    public Traffic traffic() {
        return new Traffic(log);
    }
}
