package dev.larder.operator.registrycache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.SecretRef;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ListenerCertificateTest {

    private static final SecretRef NAMED = new SecretRef("listener");

    private static List<String> problems(@Nullable SecretRef named, @Nullable Secret secret) {
        return ListenerCertificate.problems(named, "larder-system", name -> secret).stream()
                .map(Problem::toString)
                .toList();
    }

    private static Secret secret(Map<String, String> data) {
        return new SecretBuilder().withData(data).build();
    }

    @Test
    void noneNamed() {
        assertThat(problems(null, null)).isEmpty();
    }

    @Test
    void complete() {
        assertThat(problems(NAMED, secret(Map.of("tls.crt", "", "tls.key", "", "ca.crt", ""))))
                .isEmpty();
    }

    @Test
    void missing() {
        assertThat(problems(NAMED, null))
                .containsExactly("spec.containerd.tlsSecretRef: there is no Secret listener in namespace larder-system:"
                        + " create it with the keys tls.crt, tls.key, ca.crt, or remove tlsSecretRef");
    }

    @Test
    void withoutItsAuthority() {
        assertThat(problems(NAMED, secret(Map.of("tls.crt", "", "tls.key", ""))))
                .containsExactly("spec.containerd.tlsSecretRef: Secret listener lacks ca.crt: add the certificate for"
                        + " 127.0.0.1, its key and the authority that signed it");
    }
}
