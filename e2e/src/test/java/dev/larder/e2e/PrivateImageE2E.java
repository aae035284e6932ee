package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.upstream.Login;
import dev.larder.e2e.upstream.PrivateRegistry;
import dev.larder.e2e.upstream.TokenServer;
import dev.larder.e2e.upstream.Traffic;
import dev.larder.e2e.upstream.UpstreamRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * A private image goes only to who may pull it, whatever the node's cache holds: two real registries behind one cache, one
 * with a token server and one with passwords, and namespaces with the right pull secret, a wrong one and none.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PrivateImageE2E {
    private static final String NODE = "node1";
    private static final long LAYER = 3_000_000;
    private static final int TOKEN_SERVER = 5011;
    private static final int BY_TOKEN = 5012;
    private static final int BY_PASSWORD = 5013;
    private static final Login MEMBER = new Login("member", "the-right-password");
    private static final Login FOREIGNER = new Login("foreigner", "another-right-password");
    private static final Login BASIC_MEMBER = new Login("basic-member", "the-third-password");

    // What containerd makes of an upstream's refusal, a token server's, and of an upstream that cannot be asked.
    private static final String DENIED = "pull access denied, repository does not exist or may require authorization";
    private static final String UNAUTHORIZED = "401 Unauthorized";
    private static final String DOWN = "503 Service Unavailable";

    private final Stage stage = Stage.shared();
    private final Larder larder = stage.larder();
    private final AtomicInteger images = new AtomicInteger();
    private final TokenServer tokens;
    private final PrivateRegistry byToken;
    private final PrivateRegistry byPassword;
    private final Puller member;
    private final Puller mistaken;
    private final Puller stranger;

    PrivateImageE2E() {
        NativeCluster cluster = stage.cluster();
        tokens = TokenServer.start(cluster, TOKEN_SERVER);
        tokens.admit(MEMBER, "team/");
        tokens.admit(FOREIGNER, "other/");
        byToken = PrivateRegistry.ofTokens(cluster, BY_TOKEN, tokens);
        byPassword = PrivateRegistry.ofPassword(cluster, BY_PASSWORD, BASIC_MEMBER);
        member = puller("member", Map.of(byToken.host(), MEMBER, byPassword.host(), BASIC_MEMBER));
        mistaken = puller("mistaken", Map.of(byToken.host(), wrong(MEMBER), byPassword.host(), wrong(BASIC_MEMBER)));
        stranger = stage.puller().in(Tenant.in(cluster, "stranger").namespace());
        String registries = entry(byToken) + entry(byPassword);
        larder.apply(stage.spec("/var/lib/larder").replace("  storage:", registries + "  storage:"));
        larder.awaitReady(Stage.RESOURCE);
    }

    private static Login wrong(Login login) {
        return new Login(login.user(), "a-wrong-password");
    }

    private Puller puller(String namespace, Map<String, Login> logins) {
        return stage.puller()
                .in(Tenant.in(stage.cluster(), namespace).with(logins).namespace(), Tenant.SECRET);
    }

    private static String entry(PrivateRegistry registry) {
        return "  - {host: \"%s\", upstreams: [{url: \"%s\"}]}\n".formatted(registry.host(), registry.url());
    }

    @BeforeEach
    void registriesAreThere() {
        byToken.ensureStarted();
        byPassword.ensureStarted();
        takeAll();
    }

    @AfterAll
    void usual() {
        byToken.stop();
        byPassword.stop();
        stage.larder();
    }

    private void takeAll() {
        tokens.takeTraffic();
        byToken.takeTraffic();
        byPassword.takeTraffic();
    }

    private String newImage(PrivateRegistry registry) {
        return registry.publish("team/app-" + images.incrementAndGet() + ":1", LAYER);
    }

    private void remove(String image) {
        stage.cluster().node(NODE).removeImage(image);
    }

    /** Bytes of a registry's images that the node's cache has sent, refusals aside. */
    private double served(PrivateRegistry registry, String... outcomes) {
        var metrics = larder.nodeCache(Stage.RESOURCE, NODE).metrics();
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
        assertThat(who.refused(image, NODE, pullPolicy)).contains(image).containsAnyOf(why);
        assertThat(served(registry)).isEqualTo(before);
        assertThat(registry.takeTraffic().requests())
                .extracting(UpstreamRequest::status)
                .doesNotContain(200, 206);
    }

    private void pulledFromTheCache(Puller who, PrivateRegistry registry, String image) {
        double before = served(registry, "hit");
        assertThat(who.pullAfresh(image, NODE).imageBytes()).isGreaterThan(LAYER);
        assertThat(served(registry, "hit") - before).isGreaterThan(LAYER);
    }

    @Test
    void rightPullSecret_pullsFromTheUpstreamAndThenFromTheCache() {
        String image = newImage(byToken);
        member.pull(image, NODE);
        Traffic cold = byToken.takeTraffic();
        assertThat(cold.direct().requests()).isEmpty();
        assertThat(cold.blobs().bytes()).isGreaterThan(LAYER);

        pulledFromTheCache(member, byToken, image);
        Traffic warm = byToken.takeTraffic();
        assertThat(warm.requests()).isEmpty();
    }

    @Test
    void namespaceWithoutTheSecret_isRefusedOnTheSameNode() {
        String image = newImage(byToken);
        member.pull(image, NODE);
        remove(image);
        refused(stranger, byToken, image, "IfNotPresent", DENIED);

        member.pull(image, NODE);
        refused(stranger, byToken, image, "Always", DENIED);
        refused(mistaken, byToken, image, "Always", UNAUTHORIZED);
    }

    @Test
    void rightPasswordForAnotherRepository_isRefused() {
        Puller foreigner = puller("foreigner", Map.of(byToken.host(), FOREIGNER));
        String image = newImage(byToken);
        member.pull(image, NODE);
        remove(image);
        refused(foreigner, byToken, image, "IfNotPresent", DENIED);
    }

    @Test
    void pullSecretOfTheServiceAccount_isEnough() {
        Tenant tenant = Tenant.in(stage.cluster(), "through-account").with(Map.of(byToken.host(), MEMBER));
        tenant.throughTheServiceAccount();
        Puller account = stage.puller().in(tenant.namespace());
        String image = newImage(byToken);
        account.pull(image, NODE);
        assertThat(byToken.takeTraffic().direct().requests()).isEmpty();
        pulledFromTheCache(account, byToken, image);
    }

    @Test
    void registryDown_whoMayPullGetsItFromTheCache_andNobodyElse() {
        String image = newImage(byToken);
        member.pull(image, NODE);
        byToken.stop();
        pulledFromTheCache(member, byToken, image);
        remove(image);
        refused(mistaken, byToken, image, "IfNotPresent", UNAUTHORIZED);
        refused(stranger, byToken, image, "IfNotPresent", DOWN);
    }

    @Test
    void registryWithPasswords_isAskedOnce_alsoWhenItIsDownMeanwhile() {
        String image = newImage(byPassword);
        member.pull(image, NODE);
        Traffic cold = byPassword.takeTraffic();
        assertThat(cold.direct().requests()).isEmpty();
        assertThat(cold.blobs().bytes()).isGreaterThan(LAYER);
        pulledFromTheCache(member, byPassword, image);
        assertThat(byPassword.takeTraffic().requests()).isEmpty();
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
        member.pull(newImage(byToken), NODE);
        member.pull(newImage(byPassword), NODE);
        assertThat(byPassword.takeTraffic().requests())
                .extracting(request -> request.call().authorization())
                .contains(BASIC_MEMBER.basic())
                .containsOnly("", BASIC_MEMBER.basic());
        assertThat(tokens.takeTraffic().requests())
                .extracting(request -> request.call().authorization())
                .contains(MEMBER.basic())
                .containsOnly("", MEMBER.basic());
        assertThat(byToken.takeTraffic().requests())
                .extracting(request -> request.call().authorization())
                .anyMatch(value -> value.startsWith("Bearer "))
                .allMatch(value -> value.isEmpty() || value.startsWith("Bearer "));
    }
}
