package dev.larder.operator.registrycache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.Edits;
import dev.larder.operator.cloud.CloudLogins;
import dev.larder.operator.cloud.PlayedSource;
import dev.larder.operator.events.EventRecorder;
import dev.larder.operator.metrics.ResourceMetrics;
import dev.larder.operator.nodes.NodeCacheClient;
import dev.larder.operator.registrycache.desired.Names;
import dev.larder.operator.registrycache.desired.Plans;
import dev.larder.operator.tls.JobCertificates;
import dev.larder.operator.tls.NodeConnections;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;

/** The reconciler with the real operator SDK against a server that only stores objects, and what tests ask of that. */
final class RunningOperator implements AutoCloseable {

    static final String NAMESPACE = "larder-system";

    private final KubernetesClient client;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofMillis(500)).build();
    private final Operator operator;

    /** Without clouds. */
    RunningOperator(KubernetesClient client) {
        this(client, new PlayedSource(Clock.systemUTC()).logins(Runnable::run, Duration.ofSeconds(1)));
    }

    RunningOperator(KubernetesClient client, CloudLogins logins) {
        this.client = client;
        client.getConfiguration().setNamespace(NAMESPACE);
        operator = new Operator(overrider -> overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withUseSSAToPatchPrimaryResource(false)
                .withSSABasedCreateUpdateMatchForDependentResources(false));
        JobCertificates certificates = new JobCertificates(client, NAMESPACE, Clock.systemUTC());
        NodeCacheClient nodes = new NodeCacheClient(
                new NodeConnections(certificates::ensure, threads), http, threads, Duration.ofSeconds(2));
        EventRecorder events = new EventRecorder(client, Clock.systemUTC(), "test");
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

    void apply(String name, String spec) {
        apply(client, name, spec);
    }

    /** Creates the RegistryCache, or changes its spec. */
    static void apply(KubernetesClient client, String name, String spec) {
        RegistryCache wanted = Plans.cache(name, spec);
        var there = client.resources(RegistryCache.class).withName(name);
        if (there.get() == null) {
            client.resource(wanted).create();
        } else {
            Edits.edit(there, cache -> {
                cache.setSpec(wanted.getSpec());
                cache.getMetadata().setGeneration(cache.getMetadata().getGeneration() + 1);
                return cache;
            });
        }
    }

    Optional<Condition> condition(String name, String type) {
        RegistryCache cache =
                client.resources(RegistryCache.class).withName(name).require();
        return Optional.ofNullable(cache.getStatus()).flatMap(status -> status.conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst());
    }

    /** Waits until the condition has the reason, and returns it. */
    Condition awaitReason(String name, String type, String reason) {
        await(type + "=" + reason).until(() -> condition(name, type)
                .filter(condition -> condition.reason().equals(reason))
                .isPresent());
        return condition(name, type).orElseThrow();
    }

    /** The node caches' config file; empty while there is none. */
    String config(String name) {
        ConfigMap configMap = client.configMaps()
                .inNamespace(NAMESPACE)
                .withName(Names.child(name))
                .get();
        return configMap == null ? "" : Objects.toString(configMap.getData().get(Names.CONFIG_FILE), "");
    }

    /** Creates the Secret, or replaces what is in it. */
    void secret(String name, Map<String, String> content) {
        Base64.Encoder base64 = Base64.getEncoder();
        Map<String, String> data = new TreeMap<>();
        content.forEach((key, value) -> data.put(key, base64.encodeToString(value.getBytes(StandardCharsets.UTF_8))));
        Secret secret = new SecretBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(NAMESPACE)
                .endMetadata()
                .withData(data)
                .build();
        if (client.resource(secret).get() == null) {
            client.resource(secret).create();
        } else {
            client.resource(secret).update();
        }
    }

    @Nullable
    String annotation(Pod pod, String name) {
        Pod there = client.resource(pod).get();
        return there == null || there.getMetadata().getAnnotations() == null
                ? null
                : there.getMetadata().getAnnotations().get(name);
    }

    List<Event> events(String reason) {
        return client.events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getReason().equals(reason))
                .toList();
    }

    static ConditionFactory await(String what) {
        return org.awaitility.Awaitility.await(what)
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100));
    }

    @Override
    public void close() {
        operator.stop();
        http.shutdownNow();
        threads.shutdownNow();
        assertThat(threads.isShutdown()).isTrue();
    }
}
