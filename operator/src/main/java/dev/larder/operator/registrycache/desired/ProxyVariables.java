package dev.larder.operator.registrycache.desired;

import dev.larder.crds.v1alpha1.ProxySpec;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The environment that tells a node cache of its proxy. A Secret's values are optional: a missing Secret must not keep a
 * pod from starting, a condition names it instead.
 */
final class ProxyVariables {

    private ProxyVariables() {}

    static List<EnvVar> of(ProxySpec proxy) {
        List<EnvVar> variables = new ArrayList<>();
        add(variables, Names.HTTPS_PROXY, proxy.https(), proxy);
        add(variables, Names.HTTP_PROXY, proxy.http(), proxy);
        add(variables, Names.NO_PROXY, proxy.noProxy(), proxy);
        return variables;
    }

    private static void add(List<EnvVar> variables, String name, @Nullable String value, ProxySpec proxy) {
        if (value != null) {
            variables.add(new EnvVarBuilder().withName(name).withValue(value).build());
        } else if (proxy.secretRef() != null) {
            variables.add(new EnvVarBuilder()
                    .withName(name)
                    .withNewValueFrom()
                    .withNewSecretKeyRef()
                    .withName(proxy.secretRef().name())
                    .withKey(name)
                    .withOptional(true)
                    .endSecretKeyRef()
                    .endValueFrom()
                    .build());
        }
    }
}
