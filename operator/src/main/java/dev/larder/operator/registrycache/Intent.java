package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistrySpec;
import dev.larder.operator.registrycache.desired.CachePlan;
import dev.larder.operator.registrycache.desired.DesiredConfig;
import dev.larder.operator.registrycache.desired.Revision;
import dev.larder.operator.registrycache.desired.Settings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to become of a RegistryCache: pure.
 *
 * @param plan null when it cannot run: the spec has problems, or an older RegistryCache has what it needs
 */
record Intent(
        List<Problem> problems,
        Conflicts conflicts,
        References references,
        CloudState cloud,
        @Nullable CachePlan plan) {

    /** With what the clouds gave. */
    Intent with(CachePlan withLogins, CloudState state) {
        return new Intent(problems, conflicts, references, state, withLogins);
    }

    /** Changes with any Secret or ConfigMap that the pods mount for upstreams; empty when there are none. */
    String mountsRevision() {
        return cloud.revision().isEmpty()
                ? references.revision()
                : Revision.of(references.revision() + " " + cloud.revision());
    }

    /** @param certificate what is wrong with that of the listener */
    static Intent of(
            RegistryCache cache,
            List<Problem> certificate,
            Conflicts conflicts,
            References references,
            Settings settings) {
        List<Problem> problems = new ArrayList<>(RegistryCacheValidator.problems(cache.effectiveSpec()));
        problems.addAll(certificate);
        List<RegistrySpec> registries = CachePlan.claimed(cache.effectiveSpec()).stream()
                .filter(registry -> !conflicts.registries().containsKey(registry.host()))
                .toList();
        if (!problems.isEmpty() || !conflicts.blocking().isEmpty()) {
            return new Intent(problems, conflicts, references, CloudState.NONE, null);
        }
        if (registries.isEmpty()) {
            List<String> blocking = List.of("older RegistryCaches have every registry that this one names");
            return new Intent(
                    problems, new Conflicts(conflicts.registries(), blocking), references, CloudState.NONE, null);
        }
        CachePlan plan = new CachePlan(
                cache.getMetadata().getName(),
                cache.effectiveSpec(),
                registries,
                references.secrets(),
                references.caBundles(),
                cache.effectiveSpec().containerd().manage() && !cache.isMarkedForDeletion(),
                settings);
        int bytes = DesiredConfig.of(plan).text().length(); // the text is plain ASCII
        if (bytes > DesiredConfig.MAX_BYTES) {
            problems.add(new Problem(
                    "spec.registries",
                    "make a configuration of " + bytes + " bytes, more than a ConfigMap may hold: shorten the lists of"
                            + " repositories, or split the registries over RegistryCaches with nodes of their own"));
            return new Intent(problems, conflicts, references, CloudState.NONE, null);
        }
        return new Intent(problems, conflicts, references, CloudState.NONE, plan);
    }
}
