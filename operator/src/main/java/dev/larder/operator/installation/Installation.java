package dev.larder.operator.installation;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.ConditionType;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How an installation does: what is well, and what is not, with the reason. Pure. */
record Installation(List<String> facts, List<String> problems) {
    /** The Lease whose holder reconciles. */
    static final String LEASE = Names.OPERATOR;

    /** Longer than the Lease of a dead holder lasts. */
    private static final Duration SILENT = Duration.ofSeconds(45);

    Installation {
        facts = List.copyOf(facts);
        problems = List.copyOf(problems);
    }

    static Installation of(@Nullable Lease lease, List<RegistryCache> caches, List<MirroredImage> images, Instant now) {
        var facts = new ArrayList<String>();
        var problems = new ArrayList<String>();
        operator(lease, now, facts, problems);
        for (RegistryCache cache : caches) {
            var status = cache.getStatus();
            resource(
                    cache,
                    status == null ? null : status.observedGeneration(),
                    status == null ? List.of() : status.conditions(),
                    facts,
                    problems);
        }
        for (MirroredImage image : images) {
            var status = image.getStatus();
            // What an image waits for is its owner's or its registry's affair, not the installation's.
            resource(
                    image,
                    status == null ? null : status.observedGeneration(),
                    status == null ? List.of() : status.conditions(),
                    facts,
                    facts);
        }
        if (caches.isEmpty()) {
            facts.add("No RegistryCache yet: nothing is cached.");
        }
        return new Installation(facts, problems);
    }

    private static void operator(@Nullable Lease lease, Instant now, List<String> facts, List<String> problems) {
        if (lease == null || lease.getSpec() == null || lease.getSpec().getRenewTime() == null) {
            problems.add("no operator has taken the Lease " + LEASE + ": see the pods of the Deployment " + LEASE);
            return;
        }
        Duration silent = Duration.between(lease.getSpec().getRenewTime().toInstant(), now);
        if (silent.compareTo(SILENT) > 0) {
            problems.add("the operator that holds the Lease " + LEASE + " has been silent for " + silent.toSeconds()
                    + " s: see the pods of the Deployment " + LEASE);
        } else {
            facts.add("Operator: " + lease.getSpec().getHolderIdentity() + " is at work.");
        }
    }

    private static void resource(
            HasMetadata resource,
            @Nullable Long observed,
            List<Condition> conditions,
            List<String> facts,
            List<String> problems) {
        String name = resource.getKind() + " " + resource.getMetadata().getName();
        if (!Objects.equals(observed, resource.getMetadata().getGeneration())) {
            problems.add(name + ": the operator has not seen this spec yet");
            return;
        }
        Condition ready = conditions.stream()
                .filter(condition -> condition.type().equals(ConditionType.READY))
                .findFirst()
                .orElse(null);
        if (ready != null && ready.status() == Condition.Status.True) {
            facts.add(name + ": " + ready.message() + ".");
        } else {
            problems.add(name + ": "
                    + (ready == null ? "it has no condition Ready" : ready.reason() + ": " + ready.message()));
        }
    }
}
