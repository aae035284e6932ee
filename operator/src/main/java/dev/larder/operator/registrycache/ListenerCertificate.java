package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.SecretRef;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The Secret that {@code spec.containerd.tlsSecretRef} names. Without it nothing is begun: plain HTTP was not asked for. */
final class ListenerCertificate {

    private static final String FIELD = "spec.containerd.tlsSecretRef";

    private ListenerCertificate() {}

    /**
     * What is wrong with it; empty also when none is named.
     *
     * @param secretOf looks a Secret of the operator's namespace up, null when it is not there
     */
    static List<Problem> problems(
            @Nullable SecretRef named, String namespace, Function<String, @Nullable Secret> secretOf) {
        if (named == null) {
            return List.of();
        }
        Secret secret = secretOf.apply(named.name());
        if (secret == null) {
            return List.of(new Problem(
                    FIELD,
                    "there is no Secret " + named.name() + " in namespace " + namespace + ": create it with the keys "
                            + String.join(", ", Names.TLS_KEYS) + ", or remove tlsSecretRef"));
        }
        Set<String> keys =
                secret.getData() == null ? Set.of() : secret.getData().keySet();
        List<String> missing =
                Names.TLS_KEYS.stream().filter(key -> !keys.contains(key)).toList();
        return missing.isEmpty()
                ? List.of()
                : List.of(new Problem(
                        FIELD,
                        "Secret " + named.name() + " lacks " + String.join(", ", missing)
                                + ": add the certificate for 127.0.0.1, its key and the authority that signed it"));
    }
}
