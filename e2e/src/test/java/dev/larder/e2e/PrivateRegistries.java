package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.upstream.Login;
import dev.larder.e2e.upstream.PrivateRegistry;
import dev.larder.e2e.upstream.TokenServer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Two real private registries behind the stage's cache, one with a token server and one with passwords, and namespaces whose
 * pull secret for both is right, wrong or missing.
 */
final class PrivateRegistries {
    static final long LAYER = 3_000_000;
    static final Login MEMBER = new Login("member", "the-right-password");
    static final Login BASIC_MEMBER = new Login("basic-member", "the-third-password");

    private final Stage stage;
    private final String name;
    private final AtomicInteger images = new AtomicInteger();
    private final TokenServer tokens;
    private final PrivateRegistry byToken;
    private final PrivateRegistry byPassword;
    private final Puller member;
    private final Puller mistaken;
    private final Puller stranger;

    /** @param name begins the namespaces' names, and those of the images */
    PrivateRegistries(Stage stage, String name) {
        this.stage = stage;
        this.name = name;
        NativeCluster cluster = stage.cluster();
        tokens = TokenServer.start(cluster);
        tokens.admit(MEMBER, "team/");
        byToken = PrivateRegistry.ofTokens(cluster, tokens);
        byPassword = PrivateRegistry.ofPassword(cluster, BASIC_MEMBER);
        member = puller("member", Map.of(byToken.host(), MEMBER, byPassword.host(), BASIC_MEMBER));
        mistaken = puller("mistaken", Map.of(byToken.host(), wrong(MEMBER), byPassword.host(), wrong(BASIC_MEMBER)));
        stranger = stage.puller().in(Tenant.in(cluster, name + "-stranger").namespace());
    }

    private static Login wrong(Login login) {
        return new Login(login.user(), "a-wrong-password");
    }

    /** Who pulls in another namespace, with these logins by registry. */
    Puller puller(String namespace, Map<String, Login> logins) {
        Tenant tenant = Tenant.in(stage.cluster(), name + "-" + namespace).with(logins);
        return stage.puller().in(tenant.namespace(), Tenant.SECRET);
    }

    TokenServer tokens() {
        return tokens;
    }

    PrivateRegistry byToken() {
        return byToken;
    }

    PrivateRegistry byPassword() {
        return byPassword;
    }

    List<PrivateRegistry> both() {
        return List.of(byToken, byPassword);
    }

    Puller member() {
        return member;
    }

    Puller mistaken() {
        return mistaken;
    }

    Puller stranger() {
        return stranger;
    }

    /** Adds both to the stage's RegistryCache; {@link Stage#larder} takes them away again. */
    void apply(String access) {
        Larder larder = stage.larder();
        String registries = entry(byToken, access) + entry(byPassword, access);
        larder.apply(stage.spec("/var/lib/larder").replace("  storage:", registries + "  storage:"));
        larder.awaitReady(Stage.RESOURCE);
    }

    private static String entry(PrivateRegistry registry, String access) {
        return "  - {host: \"%s\", access: %s, upstreams: [{url: \"%s\"}]}\n"
                .formatted(registry.host(), access, registry.url());
    }

    /** Starts what a test has stopped, and forgets what was asked. */
    void ensureStarted() {
        tokens.ensureStarted();
        both().forEach(PrivateRegistry::ensureStarted);
        tokens.takeTraffic();
        both().forEach(PrivateRegistry::takeTraffic);
    }

    void stop() {
        tokens.stop();
        both().forEach(PrivateRegistry::stop);
    }

    /** Publishes an image that nobody has pulled, of one layer of {@link #LAYER} bytes, and returns its reference. */
    String newImage(PrivateRegistry registry) {
        return registry.publish("team/" + name + "-" + images.incrementAndGet() + ":1", LAYER);
    }

    /** From here on nothing may have been asked: pulls the member's new image from each, and sees who got which login. */
    void pullsShowEachItsOwnLoginOnly(String node) {
        member.pull(newImage(byToken), node);
        member.pull(newImage(byPassword), node);
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
