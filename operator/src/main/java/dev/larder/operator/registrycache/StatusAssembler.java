package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.ConditionType;
import dev.larder.crds.v1alpha1.FailingNode;
import dev.larder.crds.v1alpha1.NodesStatus;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheStatus;
import dev.larder.crds.v1alpha1.RegistryStatus;
import dev.larder.crds.v1alpha1.RegistryStatus.Credentials;
import dev.larder.crds.v1alpha1.RegistryStatus.Reachable;
import dev.larder.operator.nodes.NodeReport;
import dev.larder.operator.nodes.NodeVerdict;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Puts a status together from what was observed: pure. The same observation leaves an earlier status as it is. */
final class StatusAssembler {

    private static final int MAX_MESSAGE = 1024;

    private StatusAssembler() {}

    static RegistryCacheStatus assemble(
            RegistryCache cache, RegistryCacheStatus before, Observation seen, HitRatios hits, Instant now) {
        long generation = Objects.requireNonNullElse(cache.getMetadata().getGeneration(), 0L);
        List<String> waitedFor = cache.isMarkedForDeletion() ? seen.unableToCleanUp() : List.of();
        List<Condition> conditions = Conditions.of(seen, waitedFor).stream()
                .map(verdict -> condition(before, generation, verdict, now))
                .toList();
        if (!seen.problems().isEmpty()) { // what runs is what ran before
            return new RegistryCacheStatus(
                    generation,
                    conditions,
                    before.nodes(),
                    before.registries(),
                    before.hitRatio1h(),
                    before.configRevision());
        }
        List<RegistryStatus> registries = seen.registries().stream()
                .map(registry -> registry(registry.host(), seen, hits))
                .toList();
        return new RegistryCacheStatus(
                generation, conditions, nodes(seen), registries, hits.ofAll().orElse(null), seen.configRevision());
    }

    /** Of a reconcile that failed: what was known stays, but Ready says what went wrong. */
    static RegistryCacheStatus failed(RegistryCache cache, RegistryCacheStatus before, Exception failure, Instant now) {
        long generation = Objects.requireNonNullElse(cache.getMetadata().getGeneration(), 0L);
        String message = "the cluster does not take what is wanted, it is tried again: " + failure.getMessage();
        Conditions.Verdict verdict =
                new Conditions.Verdict(ConditionType.READY, Condition.Status.False, "ReconcileFailed", cut(message));
        List<Condition> conditions = Stream.concat(
                        Stream.of(condition(before, generation, verdict, now)),
                        before.conditions().stream()
                                .filter(condition -> !condition.type().equals(ConditionType.READY)))
                .toList();
        return new RegistryCacheStatus(
                generation,
                conditions,
                before.nodes(),
                before.registries(),
                before.hitRatio1h(),
                before.configRevision());
    }

    private static String cut(String message) {
        return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE - 1) + "…";
    }

    private static Condition condition(
            RegistryCacheStatus before, long generation, Conditions.Verdict verdict, Instant now) {
        String since = before.conditions().stream()
                .filter(condition -> condition.type().equals(verdict.type()))
                .filter(condition -> condition.status() == verdict.status())
                .map(Condition::lastTransitionTime)
                .findFirst()
                .orElseGet(() -> now.truncatedTo(ChronoUnit.SECONDS).toString());
        return new Condition(verdict.type(), verdict.status(), generation, since, verdict.reason(), verdict.message());
    }

    private static NodesStatus nodes(Observation seen) {
        List<FailingNode> failing = seen.failing().stream()
                .sorted(Comparator.comparing(NodeVerdict::node))
                .limit(NodesStatus.MAX_FAILING)
                .map(StatusAssembler::failingNode)
                .toList();
        return new NodesStatus(seen.desired(), seen.ready(), seen.configured(), failing);
    }

    private static FailingNode failingNode(NodeVerdict verdict) {
        var trouble = Objects.requireNonNull(verdict.trouble());
        return new FailingNode(verdict.node(), trouble.reason(), cut(trouble.message()));
    }

    private static RegistryStatus registry(String host, Observation seen, HitRatios hits) {
        List<NodeReport.Registry> reported = seen.reports()
                .flatMap(report -> report.registries().stream())
                .filter(registry -> registry.host().equals(host))
                .toList();
        Long remaining = reported.stream()
                .map(NodeReport.Registry::rateLimitRemaining)
                .filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .orElse(null);
        return new RegistryStatus(
                host,
                reachable(reported),
                credentials(reported),
                remaining,
                hits.of(host).orElse(null));
    }

    private static Reachable reachable(List<NodeReport.Registry> reported) {
        if (upstreams(reported).anyMatch(upstream -> upstream.state().equals("Up"))) {
            return Reachable.Yes;
        }
        return upstreams(reported).anyMatch(upstream -> upstream.state().equals("Down"))
                ? Reachable.No
                : Reachable.Unknown;
    }

    private static Credentials credentials(List<NodeReport.Registry> reported) {
        if (upstreams(reported).anyMatch(upstream -> upstream.credentials().equals("Invalid"))) {
            return Credentials.Invalid;
        }
        return upstreams(reported).anyMatch(upstream -> upstream.credentials().equals("Valid"))
                ? Credentials.Valid
                : Credentials.Unknown;
    }

    private static Stream<NodeReport.Upstream> upstreams(List<NodeReport.Registry> reported) {
        return reported.stream().flatMap(registry -> registry.upstreams().stream());
    }
}
