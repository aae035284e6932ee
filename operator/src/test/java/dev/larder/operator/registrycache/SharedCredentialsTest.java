package dev.larder.operator.registrycache;

import static dev.larder.operator.registrycache.RunningOperator.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryStatus.Credentials;
import dev.larder.operator.nodes.Nodes;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A Secret with a login for everyone: what becomes of another content, and of one that the upstream refuses. */
@EnableKubernetesMockClient(crud = true)
class SharedCredentialsTest {

    @SuppressWarnings("NullAway.Init") // set by the extension
    KubernetesClient client;

    @SuppressWarnings("NullAway.Init")
    private NodeStandIn node;

    @SuppressWarnings("NullAway.Init")
    private RunningOperator operator;

    @BeforeEach
    void start() throws Exception {
        node = new NodeStandIn(client);
        operator = new RunningOperator(client);
        client.resource(Nodes.node("n1")).create();
        operator.secret("hub", Map.of("username", "ann", "password", "first"));
        operator.apply("default", """
                registries:
                - host: docker.io
                  access: Shared
                  upstreams: [{url: "https://hub.example.com", credentialsSecretRef: {name: hub}}]
                ports: {jobs: %d}
                """.formatted(node.port()));
        await("config").until(() -> operator.config("default").contains("credentialsFile"));
        client.resource(node.pod()).create();
    }

    @AfterEach
    void stop() {
        operator.close();
        node.close();
    }

    @Test
    void changedSecret_isTakenToThePodsAtOnce_withoutARestart() {
        await("first revision").until(() -> operator.annotation(node.pod(), Names.MOUNTS_REVISION) != null);
        String first = operator.annotation(node.pod(), Names.MOUNTS_REVISION);
        String config = operator.config("default");
        operator.secret("hub", Map.of("username", "ann", "password", "second"));
        await("second revision")
                .until(() -> !String.valueOf(first).equals(operator.annotation(node.pod(), Names.MOUNTS_REVISION)));
        assertThat(operator.config("default")).isEqualTo(config);
    }

    @Test
    void refusedLogin_showsInTheStatus_andInOneEvent() {
        node.credentials("Invalid");
        var refused = operator.awaitReason("default", "CredentialsValid", "Refused");
        assertThat(refused.message()).contains("https://hub.example.com").contains("check the Secret's user");
        assertThat(credentials()).isEqualTo(Credentials.Invalid);
        int looks = node.looks();
        await("more looks").until(() -> node.looks() > looks + 3);
        assertThat(operator.events("CredentialsValidRefused")).hasSize(1).allSatisfy(event -> {
            assertThat(event.getSeries()).isNull();
            assertThat(event.getNote()).contains("https://hub.example.com");
        });

        node.credentials("Valid");
        operator.awaitReason("default", "CredentialsValid", "NotRefused");
        assertThat(credentials()).isEqualTo(Credentials.Valid);
    }

    private Credentials credentials() {
        return client.resources(RegistryCache.class)
                .withName("default")
                .require()
                .getStatus()
                .registries()
                .getFirst()
                .credentials();
    }
}
