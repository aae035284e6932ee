package dev.larder.operator.registrycache;

import static dev.larder.operator.registrycache.RunningOperator.NAMESPACE;
import static dev.larder.operator.registrycache.RunningOperator.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.ConditionType;
import dev.larder.operator.cloud.PlayedSource;
import dev.larder.operator.cloud.SettableClock;
import dev.larder.operator.nodes.Nodes;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Logins of cloud identities on their way from the cloud to the nodes. */
@EnableKubernetesMockClient(crud = true)
class CloudSecretsTest {

    private static final String FIRST = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
    private static final String SECOND = "210987654321.dkr.ecr.eu-central-1.amazonaws.com";
    private static final String TWO_OF_ONE_REGION = """
            registries:
            - host: %1$s
              access: Shared
              upstreams: [{url: "https://%1$s", cloudIdentity: {provider: ECR}}]
            - host: %2$s
              access: Shared
              upstreams: [{url: "https://%2$s", cloudIdentity: {provider: ECR}}]
            """.formatted(FIRST, SECOND);

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient client;

    private final SettableClock clock = new SettableClock();
    private final PlayedSource clouds = new PlayedSource(clock);
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private final Handler listener = new Handler() {
        @Override
        public void publish(LogRecord line) {
            log.add(line.getMessage() + " " + line.getThrown());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @SuppressWarnings("NullAway.Init")
    private RunningOperator operator;

    @BeforeEach
    void start() {
        Logger.getLogger("").addHandler(listener);
        client.getConfiguration().setNamespace(NAMESPACE);
        client.resource(Nodes.node("n1")).create();
        operator = operator();
    }

    private RunningOperator operator() {
        return new RunningOperator(client, clouds.logins(threads, Duration.ofSeconds(5)));
    }

    @AfterEach
    void stop() {
        operator.close();
        threads.shutdownNow();
        Logger.getLogger("").removeHandler(listener);
    }

    private List<Secret> issued() {
        return client.secrets().inNamespace(NAMESPACE).list().getItems().stream()
                .filter(secret -> secret.getMetadata().getName().startsWith("larder-default-login-"))
                .toList();
    }

    private static String content(Secret secret) {
        return decoded(Objects.requireNonNull(secret.getData().get(".dockerconfigjson")));
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    /** The user and password for a host. */
    private static String login(Secret secret, String host) {
        var auths = Serialization.unmarshal(content(secret), com.fasterxml.jackson.databind.JsonNode.class)
                .path("auths");
        return decoded(auths.path(host).path("auth").asText());
    }

    /** The spec again with another size, so that it is looked at now. */
    private void look(String spec, int gibibytes) {
        operator.apply("default", spec + "storage: {size: " + gibibytes + "Gi}\n");
    }

    private static String plain(String login) {
        return login.replace("-" + PlayedSource.MARK, "");
    }

    @Test
    void twoUpstreamsOfOneIdentity_areOneRequestAndOneSecret_thatTheNodesMount() {
        operator.apply("default", TWO_OF_ONE_REGION);
        await("secret").until(() -> issued().size() == 1);
        Secret secret = issued().getFirst();
        assertThat(secret.getType()).isEqualTo("kubernetes.io/dockerconfigjson");
        assertThat(plain(login(secret, FIRST))).isEqualTo("user:login-1");
        assertThat(plain(login(secret, SECOND))).isEqualTo("user:login-1");
        assertThat(secret.getMetadata().getOwnerReferences()).singleElement().satisfies(owner -> {
            assertThat(owner.getKind()).isEqualTo("RegistryCache");
            assertThat(owner.getName()).isEqualTo("default");
        });
        String name = secret.getMetadata().getName();
        await("config").until(() -> operator.config("default").contains("/etc/larder/credentials/" + name));
        await("volume").ignoreExceptions().until(() -> volumes().stream()
                .anyMatch(volume -> volume.getSecret() != null
                        && volume.getSecret().getSecretName().equals(name)
                        && volume.getSecret().getOptional()));
        operator.awaitReason("default", ConditionType.CLOUD_LOGINS_CURRENT, "Current");
        assertThat(clouds.asked()).hasSize(1);
    }

    private List<Volume> volumes() {
        return client.apps()
                .daemonSets()
                .inNamespace(NAMESPACE)
                .withName("larder-default")
                .require()
                .getSpec()
                .getTemplate()
                .getSpec()
                .getVolumes();
    }

    @Test
    void login_isRenewedAhead_andTakenToThePods() throws Exception {
        // Before the operator does, it makes the certificates; there is one operator in a cluster.
        try (NodeStandIn node = new NodeStandIn(client)) {
            operator.apply("default", TWO_OF_ONE_REGION);
            await("secret").until(() -> issued().size() == 1);
            client.resource(node.pod()).create();
            await("first").until(() -> operator.annotation(node.pod(), Names.MOUNTS_REVISION) != null);
            String first = String.valueOf(operator.annotation(node.pod(), Names.MOUNTS_REVISION));
            String config = operator.config("default");
            clock.advance(Duration.ofHours(6));
            await("renewed")
                    .until(() -> plain(login(issued().getFirst(), FIRST)).equals("user:login-2"));
            await("told").until(() -> !first.equals(operator.annotation(node.pod(), Names.MOUNTS_REVISION)));
            assertThat(operator.config("default")).as("nothing restarts").isEqualTo(config);
        }
    }

    @Test
    void failure_isSaidWithFieldAndRemedy_whileTheOldLoginServes_andNothingSecretIsShown() {
        operator.apply("default", TWO_OF_ONE_REGION);
        await("secret").until(() -> issued().size() == 1);
        clouds.failsWith("AWS answered 400 AccessDeniedException: not authorized; allow it");
        clock.advance(Duration.ofHours(6));
        Condition failed = operator.awaitReason("default", ConditionType.CLOUD_LOGINS_CURRENT, "RenewalFailed");
        assertThat(failed.status()).isEqualTo(Condition.Status.False);
        assertThat(failed.message())
                .isEqualTo("spec.registries[0].upstreams[0].cloudIdentity: AWS answered 400 AccessDeniedException: not"
                        + " authorized; allow it; the login held until 2026-11-22T18:00:00Z goes on being used");
        assertThat(operator.events("CloudLoginsCurrentRenewalFailed")).hasSize(1);
        assertThat(plain(login(issued().getFirst(), FIRST))).isEqualTo("user:login-1");
        assertThat(operator.config("default")).contains("credentialsFile");

        clock.advance(Duration.ofHours(6));
        operator.awaitReason("default", ConditionType.CLOUD_LOGINS_CURRENT, "NotObtained");
        clouds.recovers();
        clock.advance(Duration.ofMinutes(15));
        operator.awaitReason("default", ConditionType.CLOUD_LOGINS_CURRENT, "Current");
        assertThat(operator.events("CloudLoginsCurrentCurrent")).hasSize(1);
        nothingSecretIsShown();
    }

    private void nothingSecretIsShown() {
        assertThat(Serialization.asYaml(client.resources(dev.larder.crds.v1alpha1.RegistryCache.class)
                        .list()
                        .getItems()))
                .doesNotContain(PlayedSource.MARK);
        assertThat(Serialization.asYaml(
                        client.events().v1().events().inAnyNamespace().list().getItems()))
                .doesNotContain(PlayedSource.MARK);
        assertThat(Serialization.asYaml(
                        client.configMaps().inNamespace(NAMESPACE).list().getItems()))
                .doesNotContain(PlayedSource.MARK);
        assertThat(log).isNotEmpty().noneMatch(line -> line.contains(PlayedSource.MARK));
        assertThat(content(issued().getFirst())).as("it is only here").isNotEmpty();
    }

    @Test
    void identityThatGoesFromTheSpec_takesItsSecretAlong() {
        operator.apply("default", TWO_OF_ONE_REGION);
        await("secret")
                .until(() -> issued().size() == 1 && operator.config("default").contains("credentialsFile"));
        operator.apply("default", "registries: [{host: quay.io}]");
        await("no secret").until(() -> issued().isEmpty());
        await("no condition").until(() -> operator.condition("default", ConditionType.CLOUD_LOGINS_CURRENT)
                .isEmpty());
    }

    @Test
    void nextOperator_goesOnWithTheLogin_untilItIsDue() {
        operator.apply("default", TWO_OF_ONE_REGION);
        await("secret").until(() -> issued().size() == 1);
        operator.close();
        operator = operator();
        look(TWO_OF_ONE_REGION, 33);
        await("config").until(() -> operator.config("default").contains("33Gi"));
        assertThat(clouds.asked()).hasSize(1);
        clock.advance(Duration.ofHours(6));
        await("renewed").until(() -> plain(login(issued().getFirst(), FIRST)).equals("user:login-2"));
    }

    @Test
    void keys_comeFromTheirSecret_andOtherKeysAreUsedAtOnce() {
        String spec = TWO_OF_ONE_REGION.replace("{provider: ECR}", "{provider: ECR, keysSecretRef: {name: aws}}");
        operator.apply("default", spec);
        Condition missing = operator.awaitReason("default", ConditionType.CLOUD_LOGINS_CURRENT, "NotObtained");
        assertThat(missing.message())
                .isEqualTo(
                        "spec.registries[0].upstreams[0].cloudIdentity.keysSecretRef: there is no Secret aws in namespace"
                                + " larder-system: create it, or remove keysSecretRef");
        assertThat(clouds.asked()).isEmpty();
        operator.secret("aws", Map.of("AWS_ACCESS_KEY_ID", "a", "AWS_SECRET_ACCESS_KEY", "first"));
        look(spec, 33);
        await("secret").until(() -> issued().size() == 1);
        assertThat(Objects.requireNonNull(clouds.asked().getFirst().keys()).secret())
                .isEqualTo("aws");
        operator.secret("aws", Map.of("AWS_ACCESS_KEY_ID", "a", "AWS_SECRET_ACCESS_KEY", "second"));
        look(spec, 34);
        await("got with the new keys")
                .until(() -> plain(login(issued().getFirst(), FIRST)).equals("user:login-2"));
    }
}
