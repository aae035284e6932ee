package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.CaBundleRef;
import dev.larder.crds.v1alpha1.RegistrySpec;
import dev.larder.crds.v1alpha1.SecretRef;
import dev.larder.crds.v1alpha1.UpstreamSpec;
import dev.larder.operator.registrycache.desired.Names;
import dev.larder.operator.registrycache.desired.Revision;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Secret;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The Secrets and ConfigMaps that upstreams and the proxy name: which can be used, and what is wrong with the others. Contents are looked
 * at for their keys only and are not kept.
 *
 * @param named how many different ones the spec names
 * @param revision changes with any of those that can be used; empty when there are none
 */
record References(int named, Set<String> secrets, Set<String> caBundles, String revision, List<String> problems) {

    private static final String DOCKER_CONFIG = ".dockerconfigjson";

    /**
     * Looks at all of them.
     *
     * @param proxySecret what {@code proxy.secretRef} names, or null
     * @param secretOf and {@code configMapOf} look an object of the operator's namespace up, null when it is not there
     */
    static References of(
            List<RegistrySpec> registries,
            @Nullable SecretRef proxySecret,
            String namespace,
            Function<String, @Nullable Secret> secretOf,
            Function<String, @Nullable ConfigMap> configMapOf) {
        Map<String, String> secretProblems = new HashMap<>();
        Set<String> secrets = new LinkedHashSet<>();
        Map<String, String> bundleProblems = new HashMap<>();
        Set<String> bundles = new LinkedHashSet<>();
        List<String> problems = new ArrayList<>();
        TreeSet<String> versions = new TreeSet<>();
        for (RegistrySpec registry : registries) {
            for (UpstreamSpec upstream : registry.upstreams()) {
                String where = registry.host() + ", upstream " + upstream.url() + ": ";
                if (upstream.credentialsSecretRef() != null) {
                    String name = upstream.credentialsSecretRef().name();
                    String problem = secretProblems.computeIfAbsent(name, key -> {
                        Secret secret = secretOf.apply(key);
                        versions.add(version(key, secret));
                        return secretProblem(key, namespace, secret);
                    });
                    note(name, problem, where, secrets, problems);
                }
                if (upstream.caBundleRef() != null) {
                    CaBundleRef ref = upstream.caBundleRef();
                    String problem = bundleProblems.computeIfAbsent(Names.caBundle(ref), key -> {
                        ConfigMap bundle = configMapOf.apply(ref.name());
                        versions.add(version(key, bundle));
                        return bundleProblem(ref, namespace, bundle);
                    });
                    note(Names.caBundle(ref), problem, where, bundles, problems);
                }
            }
        }
        if (proxySecret != null) {
            String problem = proxyProblem(proxySecret.name(), namespace, secretOf.apply(proxySecret.name()));
            if (!problem.isEmpty()) {
                problems.add("spec.proxy: " + problem);
            }
        }
        return new References(
                secretProblems.size() + bundleProblems.size() + (proxySecret == null ? 0 : 1),
                Set.copyOf(secrets),
                Set.copyOf(bundles),
                secrets.isEmpty() && bundles.isEmpty() ? "" : Revision.of(String.join(" ", versions)),
                List.copyOf(problems));
    }

    private static String version(String name, @Nullable HasMetadata object) {
        return object == null || object.getMetadata() == null
                ? name
                : name + "@" + object.getMetadata().getUid() + "/"
                        + object.getMetadata().getResourceVersion();
    }

    private static void note(String name, String problem, String where, Set<String> usable, List<String> problems) {
        if (problem.isEmpty()) {
            usable.add(name);
        } else {
            problems.add(where + problem);
        }
    }

    private static String secretProblem(String name, String namespace, @Nullable Secret secret) {
        if (secret == null) {
            return "there is no Secret " + name + " in namespace " + namespace
                    + ": create it, or remove credentialsSecretRef";
        }
        Set<String> keys =
                secret.getData() == null ? Set.of() : secret.getData().keySet();
        boolean usable = keys.contains(DOCKER_CONFIG) || (keys.contains("username") && keys.contains("password"));
        return usable
                ? ""
                : "Secret " + name + " has neither the key " + DOCKER_CONFIG
                        + " nor both username and password: add them";
    }

    private static String proxyProblem(String name, String namespace, @Nullable Secret secret) {
        if (secret == null) {
            return "there is no Secret " + name + " in namespace " + namespace + ": create it with the key "
                    + Names.HTTPS_PROXY + ", or remove secretRef";
        }
        Set<String> keys =
                secret.getData() == null ? Set.of() : secret.getData().keySet();
        return keys.contains(Names.HTTPS_PROXY) || keys.contains(Names.HTTP_PROXY)
                ? ""
                : "Secret " + name + " has neither the key " + Names.HTTPS_PROXY + " nor " + Names.HTTP_PROXY
                        + ": add one, as in http://user:password@proxy.example.com:3128";
    }

    private static String bundleProblem(CaBundleRef ref, String namespace, @Nullable ConfigMap configMap) {
        if (configMap == null) {
            return "there is no ConfigMap " + ref.name() + " in namespace " + namespace + ": create it with the key "
                    + ref.key() + ", or remove caBundleRef";
        }
        boolean usable = configMap.getData() != null && configMap.getData().containsKey(ref.key());
        return usable
                ? ""
                : "ConfigMap " + ref.name() + " has no key " + ref.key()
                        + ": add it, or name another in caBundleRef.key";
    }
}
