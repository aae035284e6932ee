package dev.larder.e2e;

import static dev.larder.e2e.PrivateRegistries.LAYER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.install.Larder;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.toolchain.ContainerdRelease;
import dev.larder.e2e.upstream.Login;
import dev.larder.e2e.upstream.PrivateRegistry;
import dev.larder.e2e.upstream.Traffic;
import dev.larder.e2e.upstream.UpstreamRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A private image goes only to who may pull it, whatever the node's cache holds: two real registries behind one cache, one
 * with a token server and one with passwords, and namespaces with the right pull secret, a wrong one and none.
 */
@ParameterizedClass
@EnumSource(ContainerdRelease.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PrivateImageE2E {
    private static final Login FOREIGNER = new Login("foreigner", "another-right-password");

    // What containerd makes of an upstream's refusal, a token server's, and of an upstream that cannot be asked.
    private static final String DENIED = "pull access denied, repository does not exist or may require authorization";
    private static final String UNAUTHORIZED = "401 Unauthorized";
    private static final String DOWN = "503 Service Unavailable";

    private final Stage stage = Stage.shared();
    private final Map<ContainerdRelease, String> nodes = stage.nodesOf(ContainerdRelease.values());

    @Parameter
    @SuppressWarnings("NullAway.Init")
    private ContainerdRelease release;

    private final Larder larder = stage.larder();
    private final PrivateRegistries registries = new PrivateRegistries(stage, "relayed");
    private final PrivateRegistry byToken = registries.byToken();
    private final PrivateRegistry byPassword = registries.byPassword();
    private final Puller member = registries.member();
    private final Puller mistaken = registries.mistaken();
    private final Puller stranger = registries.stranger();

    @BeforeAll
    void applyRegistries() {
        registries.apply("Relay");
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

    private void remove(String image) {
        stage.cluster().node(node()).removeImage(image);
    }

    /** Bytes of a registry's images that the node's cache has sent, refusals aside. */
    private double served(PrivateRegistry registry, String... outcomes) {
        var metrics = larder.nodeCache(Stage.RESOURCE, node()).metrics();
        return List.of(outcomes).stream()
                .mapToDouble(outcome -> metrics.sum(
                        "larder_response_bytes_total", Map.of("registry", registry.host(), "outcome", outcome)))
                .sum();
    }

    private double served(PrivateRegistry registry) {
        return served(registry, "hit", "joined", "upstream", "stale");
    }

    /** Nobody gets anything of it, and the kubelet's event says why. */
    private void refused(Puller who, PrivateRegistry registry, String image, String pullPolicy, String... why) {
        double before = served(registry);
        registry.takeTraffic();
        assertThat(who.refused(image, node(), pullPolicy, why)).contains(image);
        assertThat(served(registry)).isEqualTo(before);
        assertThat(registry.takeTraffic().requests())
                .extracting(UpstreamRequest::status)
                .doesNotContain(200, 206);
    }

    private void pulledFromTheCache(Puller who, PrivateRegistry registry, String image) {
        double before = served(registry, "hit", "joined");
        assertThat(who.pullAfresh(image, node()).imageBytes()).isGreaterThan(LAYER);
        assertThat(served(registry, "hit", "joined") - before).isGreaterThan(LAYER);
    }

    @Test
    void rightPullSecret_pullsFromTheUpstreamAndThenFromTheCache() {
        String image = registries.newImage(byToken);
        member.pull(image, node());
        Traffic cold = byToken.takeTraffic();
        assertThat(cold.direct().admitted().requests()).isEmpty();
        assertThat(cold.blobs().bytes()).isGreaterThan(LAYER);

        pulledFromTheCache(member, byToken, image);
        Traffic warm = byToken.takeTraffic();
        assertThat(warm.admitted().requests()).isEmpty();
    }

    @Test
    void namespaceWithoutTheSecret_isRefusedOnTheSameNode() {
        String image = registries.newImage(byToken);
        member.pull(image, node());
        remove(image);
        refused(stranger, byToken, image, "IfNotPresent", DENIED);

        member.pull(image, node());
        refused(stranger, byToken, image, "Always", DENIED);
        refused(mistaken, byToken, image, "Always", UNAUTHORIZED);
    }

    @Test
    void rightPasswordForAnotherRepository_isRefused() {
        registries.tokens().admit(FOREIGNER, "other/");
        Puller foreigner = registries.puller("foreigner", Map.of(byToken.host(), FOREIGNER));
        String image = registries.newImage(byToken);
        member.pull(image, node());
        remove(image);
        refused(foreigner, byToken, image, "IfNotPresent", DENIED);
    }

    @Test
    void pullSecretOfTheServiceAccount_isEnough() {
        Tenant tenant =
                Tenant.in(stage.cluster(), "through-account").with(Map.of(byToken.host(), PrivateRegistries.MEMBER));
        tenant.throughTheServiceAccount();
        Puller account = stage.puller().in(tenant.namespace());
        String image = registries.newImage(byToken);
        account.pull(image, node());
        assertThat(byToken.takeTraffic().direct().admitted().requests()).isEmpty();
        pulledFromTheCache(account, byToken, image);
    }

    @Test
    void registryDown_whoMayPullGetsItFromTheCache_andNobodyElse() {
        String image = registries.newImage(byToken);
        member.pull(image, node());
        byToken.stop();
        pulledFromTheCache(member, byToken, image);
        remove(image);
        refused(mistaken, byToken, image, "IfNotPresent", UNAUTHORIZED);
        refused(stranger, byToken, image, "IfNotPresent", DOWN);
    }

    @Test
    void registryWithPasswords_isAskedOnce_alsoWhenItIsDownMeanwhile() {
        String image = registries.newImage(byPassword);
        member.pull(image, node());
        Traffic cold = byPassword.takeTraffic();
        assertThat(cold.direct().admitted().requests()).isEmpty();
        assertThat(cold.blobs().bytes()).isGreaterThan(LAYER);
        pulledFromTheCache(member, byPassword, image);
        assertThat(byPassword.takeTraffic().admitted().requests()).isEmpty();
        // The registry's word on the login counts for a minute: it has to be fresh when the registry stops.
        String again = image.substring(image.indexOf('/') + 1).replaceFirst(":1$", ":2");
        member.pull(byPassword.publish(again, LAYER + 1), node());
        byPassword.stop();
        pulledFromTheCache(member, byPassword, image);
        remove(image);
        refused(mistaken, byPassword, image, "IfNotPresent", DOWN);
        refused(stranger, byPassword, image, "IfNotPresent", "no basic auth credentials");
        byPassword.ensureStarted();
        refused(mistaken, byPassword, image, "IfNotPresent", DENIED, UNAUTHORIZED);
    }

    @Test
    void twoRegistries_eachSeesItsOwnCredentialsOnly() {
        registries.pullsShowEachItsOwnLoginOnly(node());
    }
}
