package dev.larder.operator.registrycache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.operator.registrycache.desired.Plans;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReferencesTest {

    private static final String SPEC = """
            registries:
            - host: docker.io
              upstreams:
              - url: https://a.example.com
                credentialsSecretRef: {name: hub}
                caBundleRef: {name: corp}
              - url: https://b.example.com
                credentialsSecretRef: {name: hub}
            """;

    @Test
    void present_canBeUsed() {
        References references = of(
                Map.of("hub", secret(".dockerconfigjson")),
                Map.of(
                        "corp",
                        new ConfigMapBuilder().withData(Map.of("ca.crt", "PEM")).build()));
        assertThat(references)
                .isEqualTo(new References(
                        2, java.util.Set.of("hub"), java.util.Set.of("corp/ca.crt"), java.util.List.of()));
    }

    @Test
    void userAndPassword_canBeUsedToo() {
        assertThat(of(Map.of("hub", secret("username", "password")), Map.of()).secrets())
                .containsExactly("hub");
    }

    @Test
    void missing_areNamedWithRemedy() {
        References references = of(Map.of(), Map.of());
        assertThat(references.secrets()).isEmpty();
        assertThat(references.caBundles()).isEmpty();
        assertThat(references.problems())
                .containsExactly(
                        "docker.io, upstream https://a.example.com: there is no Secret hub in namespace ns: create it, or"
                                + " remove credentialsSecretRef",
                        "docker.io, upstream https://a.example.com: there is no ConfigMap corp in namespace ns: create it"
                                + " with the key ca.crt, or remove caBundleRef",
                        "docker.io, upstream https://b.example.com: there is no Secret hub in namespace ns: create it, or"
                                + " remove credentialsSecretRef");
    }

    @Test
    void wrongKeys_areNamed() {
        References references = of(Map.of("hub", secret("user")), Map.of("corp", new ConfigMap()));
        assertThat(references.problems())
                .anyMatch(
                        problem -> problem.contains("neither the key .dockerconfigjson nor both username and password"))
                .anyMatch(problem -> problem.contains("ConfigMap corp has no key ca.crt"));
    }

    private static References of(Map<String, Secret> secrets, Map<String, ConfigMap> configMaps) {
        return References.of(Plans.spec(SPEC).registries(), "ns", secrets::get, configMaps::get);
    }

    private static Secret secret(String... keys) {
        SecretBuilder secret = new SecretBuilder();
        for (String key : keys) {
            secret.addToData(key, "c2VjcmV0");
        }
        return secret.build();
    }
}
