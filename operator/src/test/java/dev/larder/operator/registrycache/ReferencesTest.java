package dev.larder.operator.registrycache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.SecretRef;
import dev.larder.operator.registrycache.desired.Plans;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.List;
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
        assertThat(references.named()).isEqualTo(2);
        assertThat(references.secrets()).containsExactly("hub");
        assertThat(references.caBundles()).containsExactly("corp/ca.crt");
        assertThat(references.problems()).isEmpty();
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

    @Test
    void revision_changesWithWhatIsMounted_andOnlyWithIt() {
        assertThat(of(Map.of(), Map.of()).revision()).isEmpty();
        String first = of(Map.of("hub", version("1")), Map.of()).revision();
        assertThat(first).isNotEmpty();
        assertThat(of(Map.of("hub", version("1")), Map.of()).revision()).isEqualTo(first);
        assertThat(of(Map.of("hub", version("2")), Map.of()).revision()).isNotEqualTo(first);
    }

    private static Secret version(String resourceVersion) {
        return secret("username", "password")
                .edit()
                .withNewMetadata()
                .withResourceVersion(resourceVersion)
                .endMetadata()
                .build();
    }

    private static List<String> proxyProblems(Map<String, Secret> secrets) {
        References references = References.of(List.of(), new SecretRef("proxy"), "ns", secrets::get, name -> null);
        assertThat(references.named()).isEqualTo(1);
        return references.problems();
    }

    @Test
    void proxySecret_needsOneOfTheTwoKeys() {
        assertThat(proxyProblems(Map.of("proxy", secret("HTTPS_PROXY")))).isEmpty();
        assertThat(proxyProblems(Map.of("proxy", secret("HTTP_PROXY", "NO_PROXY"))))
                .isEmpty();
        assertThat(proxyProblems(Map.of("proxy", secret("https_proxy"))))
                .containsExactly(
                        "spec.proxy: Secret proxy has neither the key HTTPS_PROXY nor HTTP_PROXY: add one, as in"
                                + " http://user:password@proxy.example.com:3128");
        assertThat(proxyProblems(Map.of()))
                .containsExactly(
                        "spec.proxy: there is no Secret proxy in namespace ns: create it with the key HTTPS_PROXY,"
                                + " or remove secretRef");
    }

    private static References of(Map<String, Secret> secrets, Map<String, ConfigMap> configMaps) {
        return References.of(Plans.spec(SPEC).registries(), null, "ns", secrets::get, configMaps::get);
    }

    private static Secret secret(String... keys) {
        SecretBuilder secret = new SecretBuilder();
        for (String key : keys) {
            secret.addToData(key, "c2VjcmV0");
        }
        return secret.build();
    }
}
