package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.RegistryStatus.Credentials;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.toolchain.ContainerdRelease;
import dev.larder.e2e.upstream.Login;
import dev.larder.e2e.upstream.PrivateRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A login that the operator is given for everyone, at a real registry with passwords: it opens images to pods without one, it
 * may change under way, and a wrong one is said and costs nobody a pull that would have worked without us.
 */
@ParameterizedClass
@EnumSource(ContainerdRelease.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SharedCredentialE2E {
    private static final long LAYER = 2_000_000;
    private static final Login FIRST = new Login("robot", "the-first-password");
    private static final Login SECOND = new Login("robot", "the-second-password");
    private static final Login WRONG = new Login("robot", "a-wrong-password");
    /** A Secret comes to a pod with the kubelet's next look at it. */
    private static final Duration SOON = Duration.ofMinutes(3);

    private final Stage stage = Stage.shared();
    private final Map<ContainerdRelease, String> nodes = stage.nodesOf(ContainerdRelease.values());

    @Parameter
    @SuppressWarnings("NullAway.Init")
    private ContainerdRelease release;

    private final Larder larder = stage.larder();
    private final AtomicInteger images = new AtomicInteger();
    private final PrivateRegistry registry = PrivateRegistry.ofPassword(stage.cluster(), FIRST);
    private final SharedLogin login = new SharedLogin(stage, registry, "shared-login");
    private final Puller stranger =
            stage.puller().in(Tenant.in(stage.cluster(), "without-login").namespace());

    @BeforeAll
    void registries() {
        registry.ensureStarted();
        login.give(FIRST);
        login.apply();
    }

    private String node() {
        return Objects.requireNonNull(nodes.get(release));
    }

    @BeforeEach
    void loginIsRight() {
        registry.admitOnly(FIRST);
        login.give(FIRST);
        awaitGood();
    }

    @AfterAll
    void usual() {
        registry.stop();
        stage.larder();
    }

    private String newImage() {
        return registry.publish("team/shared-" + images.incrementAndGet() + ":1", LAYER);
    }

    private void awaitGood() {
        stranger.pull(newImage(), node());
        await(Credentials.Valid);
        registry.takeTraffic();
    }

    private void await(Credentials wanted) {
        Await.until(
                "the credentials of " + registry.host() + " being " + wanted,
                SOON,
                () -> credentials().filter(wanted::equals).isPresent(),
                () -> "They are " + credentials());
    }

    private Optional<Credentials> credentials() {
        return larder.find(Stage.RESOURCE).stream()
                .flatMap(cache -> cache.getStatus().registries().stream())
                .filter(status -> status.host().equals(registry.host()))
                .map(dev.larder.crds.v1alpha1.RegistryStatus::credentials)
                .findFirst();
    }

    /** The Events that say it of this registry: the same again within minutes is counted on the one that is there. */
    private long refusals() {
        return stage.cluster().client().events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> "CredentialsValidRefused".equals(event.getReason())
                        && event.getNote().contains(registry.host()))
                .count();
    }

    private boolean strangerIsRefused() {
        try {
            return stranger.refused(newImage(), node(), "IfNotPresent").contains("team/shared-");
        } catch (CommandFailure e) {
            return false; // it got the image: the node has the password of before
        }
    }

    @Test
    void podsWithoutASecret_pullThroughTheCache() {
        String image = newImage();
        stranger.pull(image, node());
        assertThat(registry.takeTraffic().direct().requests()).isEmpty();
        stranger.pullAfresh(image, node());
        assertThat(registry.takeTraffic().blobs().requests()).isEmpty();
    }

    @Test
    void changedPassword_isUsedWithoutARestart() {
        NodeCache cache = larder.nodeCache(Stage.RESOURCE, node());
        String pod = cache.pod().orElseThrow().getMetadata().getUid();
        int restarts = cache.restarts(NodeCache.CACHE);
        registry.admitOnly(SECOND);
        login.give(SECOND);
        Await.until("the new password on the node", SOON, () -> !strangerIsRefused());
        registry.takeTraffic();
        stranger.pull(newImage(), node());
        assertThat(registry.takeTraffic().direct().requests()).isEmpty();
        assertThat(cache.pod().orElseThrow().getMetadata().getUid()).isEqualTo(pod);
        assertThat(cache.restarts(NodeCache.CACHE)).isEqualTo(restarts);
    }

    @Test
    void wrongPassword_isSaidOnce_andPodsWithTheirOwnLoginGetTheirImage() {
        Puller member = stage.puller()
                .in(
                        Tenant.in(stage.cluster(), "own-login")
                                .with(Map.of(registry.host(), FIRST))
                                .namespace(),
                        Tenant.SECRET);
        long before = refusals();
        login.give(WRONG);
        Await.until("the wrong password on the node", SOON, this::strangerIsRefused);
        await(Credentials.Invalid);
        larder.awaitCondition(Stage.RESOURCE, "CredentialsValid", Condition.Status.False);
        registry.takeTraffic();

        assertThat(member.pull(newImage(), node()).imageBytes()).isGreaterThan(LAYER);
        assertThat(registry.takeTraffic().direct().blobs().bytes()).isGreaterThan(LAYER);
        assertThat(stranger.refused(newImage(), node(), "IfNotPresent")).contains("team/shared-");
        assertThat(refusals()).isPositive().isLessThanOrEqualTo(before + 1);

        login.give(FIRST);
        // What was refused is gone; a pod that tries all the while may have tried the next.
        Await.until("the refusal being forgotten", SOON, () -> credentials()
                .filter(Credentials.Invalid::equals)
                .isEmpty());
        awaitGood();
        larder.awaitCondition(Stage.RESOURCE, "CredentialsValid", Condition.Status.True);
    }
}
