package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.e2e.install.Larder;
import org.junit.jupiter.api.Test;

/** Of two RegistryCaches that claim one registry on a node the older has it, and the younger says so. */
class ConflictE2E {
    private final Stage stage = Stage.shared();

    @Test
    void youngerSaysWhichRegistryAndWhoHasIt() {
        Larder larder = stage.larder();
        larder.apply("""
                apiVersion: larder.dev/v1alpha1
                kind: RegistryCache
                metadata: {name: second}
                spec:
                  registries: [{host: docker.io}, {host: quay.io}]
                  ports: {registry: 5161, admin: 5162}
                  storage: {path: /var/lib/larder-second, minFree: 1Gi}
                """);
        larder.awaitCondition("second", "Conflict", Condition.Status.True);
        assertThat(larder.condition("second", "Conflict").orElseThrow().message())
                .contains("docker.io", "default");
        assertThat(larder.condition(Stage.RESOURCE, "Conflict").orElseThrow().status())
                .isEqualTo(Condition.Status.False);
        larder.delete("second");

        String image = stage.newImage(1_000_000);
        stage.puller().pull(image, "node1");
        assertThat(stage.upstream().takeTraffic().of(image).direct().requests()).isEmpty();
    }
}
