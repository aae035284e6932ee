package dev.larder.operator.crd;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@EnableKubernetesMockClient(crud = true)
class CrdUpgradeTest {
    @SuppressWarnings("NullAway.Init")
    private KubernetesClient client;

    @Test
    void crdMadeByHelm_isBroughtToThisVersion() {
        create(Map.of());

        CrdUpgrade.upgrade(client, "0.2.0");

        assertThat(present().getSpec().getVersions())
                .isEqualTo(CrdUpgrade.own(client).getSpec().getVersions());
        assertThat(present().getMetadata().getAnnotations()).containsEntry(CrdUpgrade.VERSION, "0.2.0");
    }

    @ParameterizedTest
    @CsvSource({"0.1.0, true", "0.1.9, true", "unreadable, true", "0.2.0, false", "0.10.0, false", "1.0.0, false"})
    void crdOfAnotherOperator_isChangedOnlyWhenOlder(String writtenBy, boolean changed) {
        create(Map.of(CrdUpgrade.VERSION, writtenBy));

        CrdUpgrade.upgrade(client, "0.2.0");

        assertThat(present().getMetadata().getAnnotations())
                .containsEntry(CrdUpgrade.VERSION, changed ? "0.2.0" : writtenBy);
        assertThat(present().getSpec().getVersions().isEmpty()).isEqualTo(!changed);
    }

    @Test
    void missingCrd_isNotMade() {
        CrdUpgrade.upgrade(client, "0.2.0");

        assertThat(client.apiextensions()
                        .v1()
                        .customResourceDefinitions()
                        .list()
                        .getItems())
                .isEmpty();
    }

    /** As an earlier version left it: without what this one knows. */
    private void create(Map<String, String> annotations) {
        client.resource(new CustomResourceDefinitionBuilder(CrdUpgrade.own(client))
                        .editMetadata()
                        .withAnnotations(annotations)
                        .endMetadata()
                        .editSpec()
                        .withVersions()
                        .endSpec()
                        .build())
                .create();
    }

    private CustomResourceDefinition present() {
        return client.apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(CrdUpgrade.NAME)
                .get();
    }
}
