package dev.larder.operator.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked of the API server; that it comes to what is wanted is shown by HelmE2E, since the mock knows no server-side apply. */
@EnableKubernetesMockClient
class CrdUpgradeTest {
    private static final String NAME = CrdUpgrade.NAMES.getLast();
    private static final String PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + NAME;

    @SuppressWarnings("NullAway.Init")
    private KubernetesMockServer server;

    @SuppressWarnings("NullAway.Init")
    private KubernetesClient client;

    @Test
    void crdMadeByHelm_isBroughtToThisVersionInHelmsName() throws Exception {
        present(Map.of());

        CrdUpgrade.upgrade(client, NAME, "0.2.0");

        RecordedRequest request = server.getLastRequest();
        assertThat(request.getMethod()).isEqualTo("PATCH");
        assertThat(request.getPath()).startsWith(PATH).contains("fieldManager=helm", "force=true");
        var applied = client.getKubernetesSerialization()
                .unmarshal(request.getBody().readUtf8(), CustomResourceDefinition.class);
        assertThat(applied.getSpec()).isEqualTo(CrdUpgrade.own(client, NAME).getSpec());
        assertThat(applied.getMetadata().getAnnotations()).isEqualTo(Map.of(CrdUpgrade.VERSION, "0.2.0"));
    }

    @ParameterizedTest
    @CsvSource({"0.1.0, true", "0.1.9, true", "unreadable, true", "0.2.0, false", "0.10.0, false", "1.0.0, false"})
    void crdOfAnotherOperator_isChangedOnlyWhenOlder(String writtenBy, boolean changed) throws Exception {
        present(Map.of(CrdUpgrade.VERSION, writtenBy));

        CrdUpgrade.upgrade(client, NAME, "0.2.0");

        assertThat(server.getLastRequest().getMethod()).isEqualTo(changed ? "PATCH" : "GET");
    }

    @Test
    void missingCrd_isNotMade() throws Exception {
        CrdUpgrade.upgrade(client, NAME, "0.2.0");

        assertThat(server.getLastRequest().getMethod()).isEqualTo("GET");
    }

    private void present(Map<String, String> annotations) {
        CustomResourceDefinition present = new CustomResourceDefinitionBuilder(CrdUpgrade.own(client, NAME))
                .editMetadata()
                .withAnnotations(annotations)
                .endMetadata()
                .build();
        server.expect().get().withPath(PATH).andReturn(200, present).always();
        server.expect()
                .patch()
                .withPath(PATH + "?fieldManager=helm&force=true")
                .andReturn(200, present)
                .always();
    }
}
