package dev.larder.operator.registrycache;

import static dev.larder.operator.registrycache.RunningOperator.NAMESPACE;
import static dev.larder.operator.registrycache.RunningOperator.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.ConditionType;
import dev.larder.crds.v1alpha1.NodesStatus;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheStatus;
import dev.larder.operator.nodes.Nodes;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the certificates are made, who is told of them, and what goes on without. */
@EnableKubernetesMockClient(crud = true)
class NodeCertificatesTest {

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient client;

    @SuppressWarnings("NullAway.Init")
    KubernetesMockServer server;

    @SuppressWarnings("NullAway.Init")
    private RunningOperator operator;

    @AfterEach
    void stop() {
        operator.close();
    }

    @Test
    void certificates_areThereBeforeTheFirstPodCanBe() throws Exception {
        operator = new RunningOperator(client);
        operator.apply("default", "{}");
        await("DaemonSet").until(() -> daemonSetIsThere());
        List<String> written = new ArrayList<>();
        RecordedRequest request = server.takeRequest(5, TimeUnit.SECONDS);
        while (request != null && !written.contains("daemonsets")) {
            if (!request.getMethod().equals("GET")) {
                written.add(kind(Objects.requireNonNull(request.getPath())));
            }
            request = server.takeRequest(5, TimeUnit.SECONDS);
        }
        assertThat(written).endsWith("daemonsets").containsSubsequence("secrets", "secrets", "daemonsets");
    }

    /** Of an object in the namespace, by its path. */
    private static String kind(String path) {
        String below = path.replaceFirst(".*/namespaces/" + NAMESPACE + "/", "");
        return below.replaceFirst("[/?].*", "");
    }

    @Test
    void podThatCameBeforeItsCertificate_isTold_andIsNotCalledFailing() {
        operator = new RunningOperator(client);
        client.resource(Nodes.node("n1")).create();
        client.resource(Nodes.node("n2")).create();
        Pod before = silent("n1");
        Instant created = Instant.parse(before.getMetadata().getCreationTimestamp());
        // A certificate says when it was made to the second.
        await("the next second").until(() -> Instant.now().minusSeconds(1).isAfter(created));
        operator.apply("default", "ports: {jobs: 1}");
        await("DaemonSet").until(this::daemonSetIsThere);
        Pod after = silent("n2");
        await("the word").until(() -> operator.annotation(before, Names.CERTIFICATE_REVISION) != null);
        assertThat(Instant.parse(Objects.requireNonNull(operator.annotation(before, Names.CERTIFICATE_REVISION))))
                .isBetween(Instant.now().minus(Duration.ofMinutes(2)), Instant.now());
        await("both nodes in the status")
                .until(() -> nodes().filter(nodes -> nodes.ready() == 2).isPresent());
        assertThat(nodes().orElseThrow().failing()).isEmpty();
        assertThat(operator.condition("default", ConditionType.READY)
                        .orElseThrow()
                        .reason())
                .isEqualTo("Progressing");
        assertThat(operator.annotation(after, Names.CERTIFICATE_REVISION))
                .as("it has had it from the start")
                .isNull();
        assertThat(operator.events("ReadyNodesFailing")).isEmpty();
    }

    @Test
    void withoutRightsOnSecrets_nodeCachesAreMadeAllTheSame_andTheStatusSaysWhatIsMissing() {
        server.expect()
                .get()
                .withPath("/api/v1/namespaces/" + NAMESPACE + "/secrets/larder-jobs-operator")
                .andReturn(
                        403,
                        new StatusBuilder()
                                .withCode(403)
                                .withMessage("forbidden")
                                .build())
                .always();
        operator = new RunningOperator(client);
        client.resource(Nodes.node("n1")).create();
        operator.apply("default", "{}");
        await("DaemonSet").until(this::daemonSetIsThere);
        silent("n1");
        var ready = operator.awaitReason("default", ConditionType.READY, "NodesFailing");
        assertThat(ready.message()).contains("let the operator get, create and patch Secrets");
    }

    private Optional<NodesStatus> nodes() {
        return Optional.ofNullable(client.resources(RegistryCache.class)
                        .withName("default")
                        .require()
                        .getStatus())
                .map(RegistryCacheStatus::nodes);
    }

    private boolean daemonSetIsThere() {
        return client.apps()
                        .daemonSets()
                        .inNamespace(NAMESPACE)
                        .withName("larder-default")
                        .get()
                != null;
    }

    /** A pod that is ready, and answers nobody. */
    private Pod silent(String node) {
        return client.resource(NodeStandIn.pod(node)).create();
    }
}
