package dev.larder.e2e;

import static dev.larder.e2e.PrivateRegistries.LAYER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.cluster.NativeNode;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.Metrics;
import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.toolchain.ContainerdRelease;
import dev.larder.e2e.upstream.PrivateRegistry;
import dev.larder.e2e.upstream.TokenServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@code access: Exchange} with real registries, kubelet and containerd: who may pull a private image gets it from the node
 * while its registry and its token server are down, also from a node cache that was started meanwhile, and nobody else
 * does.
 */
@ParameterizedClass
@EnumSource(ContainerdRelease.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExchangeImageE2E {
    private static final Duration RESTART = Duration.ofMinutes(6);
    private static final Duration WRITTEN = Duration.ofSeconds(30);

    // What containerd makes of our challenge without a pull secret, of a wrong login, and of one that nobody can judge.
    private static final String NO_SECRET = "no basic auth credentials";
    private static final String UNAUTHORIZED = "401 Unauthorized";
    private static final String DOWN = "503 Service Unavailable";

    private final Stage stage = Stage.shared();
    private final Map<ContainerdRelease, String> nodes = stage.nodesOf(ContainerdRelease.values());

    @Parameter
    @SuppressWarnings("NullAway.Init")
    private ContainerdRelease release;

    private final Larder larder = stage.larder();
    private final PrivateRegistries registries = new PrivateRegistries(stage, "exchanged");
    private final PrivateRegistry byToken = registries.byToken();
    private final PrivateRegistry byPassword = registries.byPassword();
    private final TokenServer tokens = registries.tokens();
    private final Puller member = registries.member();
    private final Puller mistaken = registries.mistaken();
    private final Puller stranger = registries.stranger();

    @BeforeAll
    void applyRegistries() {
        registries.apply("Exchange");
    }

    private String node() {
        return Objects.requireNonNull(nodes.get(release));
    }

    @BeforeEach
    void allAreThere() {
        registries.ensureStarted();
    }

    @AfterAll
    void usual() {
        registries.stop();
        stage.larder();
    }

    /** What was fetched before, and may be on its way to the disk. */
    private double hits(PrivateRegistry registry) {
        Metrics metrics = larder.nodeCache(Stage.RESOURCE, node()).metrics();
        return Stream.of("hit", "joined")
                .mapToDouble(outcome -> metrics.sum(
                        "larder_response_bytes_total", Map.of("registry", registry.host(), "outcome", outcome)))
                .sum();
    }

    private void pulledFromTheCache(Puller who, PrivateRegistry registry, String image) {
        double before = hits(registry);
        assertThat(who.pullAfresh(image, node()).imageBytes()).isGreaterThan(LAYER);
        assertThat(hits(registry) - before).isGreaterThan(LAYER);
    }

    private void refused(Puller who, String image, String pullPolicy, String... why) {
        assertThat(who.refused(image, node(), pullPolicy, why)).contains(image);
    }

    @Test
    void warmPull_costsNeitherRegistryNorTokenServerARequest() {
        for (PrivateRegistry registry : registries.both()) {
            String image = registries.newImage(registry);
            member.pull(image, node());
            assertThat(registry.takeTraffic().direct().admitted().requests()).isEmpty();
            tokens.takeTraffic();
            pulledFromTheCache(member, registry, image);
            assertThat(registry.takeTraffic().admitted().requests()).isEmpty();
            assertThat(tokens.takeTraffic().requests())
                    .filteredOn(request -> !request.call().authorization().isEmpty())
                    .isEmpty();
        }
    }

    @Test
    void namespaceWithoutTheSecret_orWithAWrongOne_isRefusedOnTheSameNode() {
        for (PrivateRegistry registry : registries.both()) {
            String image = registries.newImage(registry);
            member.pull(image, node());
            refused(stranger, image, "Always", NO_SECRET, "pull access denied");
            refused(mistaken, image, "Always", UNAUTHORIZED, "pull access denied");
            stage.cluster().node(node()).removeImage(image);
            refused(stranger, image, "IfNotPresent", NO_SECRET, "pull access denied");
        }
    }

    @Test
    void registryAndTokenServerDown_whoMayPullGetsIt_alsoFromAnotherProcess_andNobodyElse() {
        String image = registries.newImage(byToken);
        String other = registries.newImage(byPassword);
        member.pull(image, node());
        member.pull(other, node());
        registries.stop();
        outage(byToken, image);
        outage(byPassword, other);
        restartNodeCache(image, other);
        outage(byToken, image);
        outage(byPassword, other);
    }

    private void outage(PrivateRegistry registry, String image) {
        pulledFromTheCache(member, registry, image);
        member.resolveAndPull(image, node());
        refused(stranger, image, "Always", NO_SECRET);
        refused(mistaken, image, "Always", DOWN);
    }

    /** A kill, as the node's own end would be one; containerd's entries come back after the cache. */
    private void restartNodeCache(String... pulled) {
        NodeCache cache = larder.nodeCache(Stage.RESOURCE, node());
        int restarts = cache.restarts(NodeCache.CACHE);
        NativeNode machine = stage.cluster().node(node());
        Path verdicts = machine.larderStorage().resolve("v1/verdicts");
        for (String image : pulled) {
            String repository = image.substring(image.indexOf('/') + 1, image.lastIndexOf(':'));
            Await.until("the verdict on " + image + " being written", WRITTEN, () -> read(verdicts)
                    .contains(" " + repository + " "));
        }
        cache.signal(NodeCache.CACHE, "SIGKILL");
        Await.until(
                "the node cache's restart", RESTART, () -> cache.restarts(NodeCache.CACHE) > restarts && cache.ready());
        for (PrivateRegistry registry : registries.both()) {
            Path entry = machine.containerdConfiguration()
                    .resolve("certs.d/" + registry.host().replace(':', '_') + "_/hosts.toml");
            Await.until("containerd's entry of " + registry.host(), RESTART, () -> Files.exists(entry));
        }
    }

    private static String read(Path file) {
        try {
            return Files.exists(file) ? Files.readString(file) : "";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void passwordsGoToTheirOwnRegistryOnly() {
        registries.pullsShowEachItsOwnLoginOnly(node());
    }
}
