package dev.larder.operator.registrycache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.cloud.CloudLogins;
import dev.larder.operator.cloud.PlayedSource;
import dev.larder.operator.events.EventRecorder;
import dev.larder.operator.metrics.ResourceMetrics;
import dev.larder.operator.nodes.NodeCacheClient;
import dev.larder.operator.nodes.Nodes;
import dev.larder.operator.registrycache.desired.Names;
import dev.larder.operator.registrycache.desired.Plans;
import dev.larder.operator.tls.JobCertificates;
import dev.larder.operator.tls.NodeConnections;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.javaoperatorsdk.operator.Operator;
import java.net.http.HttpClient;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The reconciler with the real operator SDK against a server that only stores objects: no schema, no server-side apply, no
 * controllers. The e2e module has the same against a real API server.
 */
@EnableKubernetesMockClient(crud = true)
class RegistryCacheReconcilerTest {

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient client;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofMillis(200)).build();

    @SuppressWarnings("NullAway.Init")
    private Operator operator;

    @BeforeEach
    void start() {
        client.getConfiguration().setNamespace("larder-system");
        client.resource(Nodes.node("n1")).create();
        operator = new Operator(overrider -> overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withUseSSAToPatchPrimaryResource(false)
                .withSSABasedCreateUpdateMatchForDependentResources(false));
        JobCertificates certificates = new JobCertificates(client, "larder-system", Clock.systemUTC());
        NodeCacheClient nodes = new NodeCacheClient(
                new NodeConnections(certificates::ensure, threads), http, threads, Duration.ofSeconds(1));
        EventRecorder events = new EventRecorder(client, Clock.systemUTC(), "test");
        CloudLogins logins = new PlayedSource(Clock.systemUTC()).logins(threads, Duration.ofSeconds(1));
        operator.register(new RegistryCacheReconciler(
                Plans.SETTINGS,
                nodes,
                new NodeCertificates(() -> certificates.ensure().nodesSince()),
                logins,
                events,
                new ResourceMetrics(),
                Clock.systemUTC()));
        operator.start();
    }

    @AfterEach
    void stop() {
        operator.stop();
        http.shutdownNow();
        threads.shutdownNow();
    }

    @Test
    void emptySpec_getsItsObjectsAndAStatus() {
        apply("default", "{}");
        await("objects")
                .until(() -> daemonSet("default") != null
                        && configMap("default") != null
                        && client.services()
                                        .inNamespace("larder-system")
                                        .withName("larder-default")
                                        .get()
                                != null
                        && client.serviceAccounts()
                                        .inNamespace("larder-system")
                                        .withName("larder-default")
                                        .get()
                                != null);
        DaemonSet daemonSet = Objects.requireNonNull(daemonSet("default"));
        assertThat(daemonSet.getMetadata().getOwnerReferences())
                .singleElement()
                .satisfies(owner -> assertThat(owner.getName()).isEqualTo("default"));
        await("status").until(() -> condition("default", "Ready")
                .filter(ready -> ready.reason().equals("Progressing"))
                .isPresent());
        assertThat(cache("default").getFinalizers()).isEmpty();
    }

    @Test
    void changedSpec_changesTheConfig() {
        apply("default", "{}");
        await("first config").until(() -> config("default").contains("20Gi"));
        apply("default", "storage: {size: 33Gi}");
        await("second config").until(() -> config("default").contains("33Gi"));
    }

    @Test
    void deletedByHand_comesBack() {
        apply("default", "{}");
        await("config").until(() -> configMap("default") != null);
        client.resource(Objects.requireNonNull(configMap("default"))).delete();
        await("config again").until(() -> configMap("default") != null);
    }

    @Test
    void invalidSpec_makesNothingAndSaysWhy() {
        apply("default", "registries: [{host: \"example.com:99999\"}]");
        await("status").until(() -> condition("default", "Ready")
                .filter(ready ->
                        ready.reason().equals("InvalidSpec") && ready.message().contains("spec.registries[0].host"))
                .isPresent());
        assertThat(daemonSet("default")).isNull();
    }

    @Test
    void youngerOnTheSamePorts_isNotDeployedUntilTheOlderGoes() {
        apply("a", "{}");
        await("older").until(() -> daemonSet("a") != null);
        apply("b", "{}");
        await("conflict").until(() -> condition("b", "Conflict")
                .filter(conflict -> conflict.status() == Condition.Status.True
                        && conflict.message().contains("spec.ports.registry"))
                .isPresent());
        assertThat(daemonSet("b")).isNull();
        caches().withName("a").delete();
        await("younger").until(() -> daemonSet("b") != null);
        await("no conflict").until(() -> condition("b", "Conflict")
                .filter(conflict -> conflict.status() == Condition.Status.False)
                .isPresent());
    }

    @Test
    void missingSecret_isAConditionAndComesIntoTheConfigOnceThere() {
        apply("default", """
                registries:
                - host: docker.io
                  upstreams: [{url: "https://registry-1.docker.io", credentialsSecretRef: {name: hub}}]
                """);
        await("condition").until(() -> condition("default", "CredentialsValid")
                .filter(valid -> valid.message().contains("there is no Secret hub in namespace larder-system"))
                .isPresent());
        assertThat(config("default")).doesNotContain("credentialsFile");
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withName("hub")
                .withNamespace("larder-system")
                .endMetadata()
                .addToData("username", "dQ==")
                .addToData("password", "cA==")
                .build();
        client.resource(secret).create();
        await("config with credentials")
                .until(() -> config("default").contains("credentialsFile: \"/etc/larder/credentials/hub\""));
    }

    @Test
    void podOfANodeThatWentAway_holdsTheResourceBack() {
        apply("default", "{}");
        await("daemon set").until(() -> daemonSet("default") != null);
        client.resource(Nodes.pod("n1", true)).create();
        client.resource(Nodes.node("n1", "Unknown", "containerd://2.3.7")).update();
        await("finalizer").until(() -> cache("default").hasFinalizer(Names.RESTORE_FINALIZER));
        caches().withName("default").delete();
        await("waiting for the node").until(() -> condition("default", "Ready")
                .filter(ready ->
                        ready.reason().equals("Deleting") && ready.message().contains("n1"))
                .isPresent());
        assertThat(config("default")).contains("manage: false");
        client.resource(Nodes.node("n1")).update();
        await("let go").until(() -> caches().withName("default").get() == null);
    }

    @Test
    void podThatHasNotLoadedTheConfig_isTold() {
        apply("default", "{}");
        await("daemon set").until(() -> daemonSet("default") != null);
        client.resource(Nodes.pod("n1", true)).create();
        await("annotation").until(() -> {
            String told = annotation();
            return told != null && config("default").contains(told);
        });
        String first = annotation();
        apply("default", "storage: {size: 33Gi}");
        await("annotation again").until(() -> {
            String told = annotation();
            return told != null && !told.equals(first) && config("default").contains(told);
        });
    }

    private @Nullable String annotation() {
        return client.pods()
                .inNamespace("larder-system")
                .withName("larder-default-n1")
                .get()
                .getMetadata()
                .getAnnotations()
                .get(Names.CONFIG_REVISION);
    }

    private void apply(String name, String spec) {
        RunningOperator.apply(client, name, spec);
    }

    private NonNamespaceOperation<RegistryCache, ?, Resource<RegistryCache>> caches() {
        return client.resources(RegistryCache.class);
    }

    private RegistryCache cache(String name) {
        return caches().withName(name).require();
    }

    private Optional<Condition> condition(String name, String type) {
        return Optional.ofNullable(cache(name).getStatus()).flatMap(status -> status.conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst());
    }

    private @Nullable DaemonSet daemonSet(String name) {
        return client.apps()
                .daemonSets()
                .inNamespace("larder-system")
                .withName(Names.child(name))
                .get();
    }

    private @Nullable ConfigMap configMap(String name) {
        return client.configMaps()
                .inNamespace("larder-system")
                .withName(Names.child(name))
                .get();
    }

    private String config(String name) {
        ConfigMap configMap = configMap(name);
        return configMap == null ? "" : Objects.toString(configMap.getData().get(Names.CONFIG_FILE), "");
    }

    private static ConditionFactory await(String what) {
        return org.awaitility.Awaitility.await(what)
                .atMost(Duration.ofSeconds(45))
                .pollInterval(Duration.ofMillis(100));
    }
}
