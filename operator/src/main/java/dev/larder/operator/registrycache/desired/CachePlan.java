package dev.larder.operator.registrycache.desired;

import dev.larder.crds.v1alpha1.RegistryCacheSpec;
import dev.larder.crds.v1alpha1.RegistrySpec;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Everything the desired objects of one RegistryCache are made from.
 *
 * @param name the RegistryCache's
 * @param registries what is left of the spec's after conflicts; never empty
 * @param secrets those of the named Secrets, and of those with cloud logins, that can be used
 * @param caBundles those of the named ConfigMaps, as {@code name/key}, that can be used
 * @param manage whether containerd's configuration is ours to write; false also while the resource is being deleted
 */
public record CachePlan(
        String name,
        RegistryCacheSpec spec,
        List<RegistrySpec> registries,
        Set<String> secrets,
        Set<String> caBundles,
        boolean manage,
        Settings settings) {

    /** What {@code registries: []} means. */
    public static final List<RegistrySpec> PUBLIC_REGISTRIES = List.of(
            RegistrySpec.of("docker.io"),
            RegistrySpec.of("ghcr.io"),
            RegistrySpec.of("quay.io"),
            RegistrySpec.of("registry.k8s.io"),
            RegistrySpec.of("gcr.io"),
            RegistrySpec.of("public.ecr.aws"),
            RegistrySpec.of("mcr.microsoft.com"));

    public CachePlan {
        registries = List.copyOf(registries);
        secrets = Set.copyOf(secrets);
        caBundles = Set.copyOf(caBundles);
    }

    /** With more Secrets that can be used. */
    public CachePlan with(Set<String> more) {
        Set<String> all = new TreeSet<>(secrets);
        all.addAll(more);
        return new CachePlan(name, spec, registries, all, caBundles, manage, settings);
    }

    /** The registries that a spec claims, before conflicts. */
    public static List<RegistrySpec> claimed(RegistryCacheSpec spec) {
        return spec.registries().isEmpty() ? PUBLIC_REGISTRIES : spec.registries();
    }
}
