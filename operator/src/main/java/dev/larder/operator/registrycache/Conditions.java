package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.Condition.Status;
import dev.larder.crds.v1alpha1.ConditionType;
import dev.larder.crds.v1alpha1.RegistrySpec;
import dev.larder.crds.v1alpha1.UpstreamSpec;
import dev.larder.operator.nodes.NodeReport;
import dev.larder.operator.nodes.NodeVerdict;
import dev.larder.operator.registrycache.desired.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The verdict of each condition type: pure. When it last changed is not decided here. */
final class Conditions {

    private static final Set<String> CONTAINERD_REASONS =
            Set.of("RuntimeNotSupported", "ConfigPathNotUsed", "HostsNotWritten");
    /** Nodes named in one message; the others are counted. */
    private static final int NAMED = 5;

    private Conditions() {}

    record Verdict(String type, Status status, String reason, String message) {}

    /** @param waitedFor nodes that a deletion waits for; empty unless it does */
    static List<Verdict> of(Observation seen, List<String> waitedFor) {
        return Stream.of(
                        Optional.of(waitedFor.isEmpty() ? ready(seen) : deleting(waitedFor)),
                        Optional.of(progressing(seen)),
                        Optional.of(degraded(seen)),
                        Optional.of(conflict(seen)),
                        Optional.of(containerd(seen)),
                        credentials(seen),
                        cloud(seen),
                        insecure(seen))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Verdict ready(Observation seen) {
        if (!seen.problems().isEmpty()) {
            return not(ConditionType.READY, "InvalidSpec", join(seen.problems()));
        }
        if (!seen.conflicts().blocking().isEmpty()) {
            return not(ConditionType.READY, "Conflict", seen.conflicts().message());
        }
        List<NodeVerdict> failing =
                seen.failing().stream().filter(NodeVerdict::answering).toList();
        if (!failing.isEmpty()) {
            return not(ConditionType.READY, "NodesFailing", of(failing, seen) + ": " + name(failing));
        }
        if (!settled(seen)) {
            return not(ConditionType.READY, "Progressing", progress(seen));
        }
        if (seen.desired() == 0) {
            return not(
                    ConditionType.READY,
                    "NoNodes",
                    "no node is selected: compare spec.nodes.selector and tolerations with the nodes' labels and taints");
        }
        List<NodeVerdict> away =
                seen.failing().stream().filter(verdict -> !verdict.answering()).toList();
        if (away.size() >= seen.desired()) {
            return not(ConditionType.READY, "NodesFailing", of(away, seen) + ": " + name(away));
        }
        String except = away.isEmpty() ? "" : "; " + of(away, seen) + " not answering: " + name(away);
        return yes(
                ConditionType.READY,
                "Serving",
                seen.ready() + " of " + seen.desired() + " nodes serve pulls from their cache" + except);
    }

    private static Verdict progressing(Observation seen) {
        return settled(seen)
                        || !seen.problems().isEmpty()
                        || !seen.conflicts().blocking().isEmpty()
                ? not(ConditionType.PROGRESSING, "Settled", "nothing is on its way")
                : yes(ConditionType.PROGRESSING, "RollingOut", progress(seen));
    }

    private static Verdict degraded(Observation seen) {
        List<NodeVerdict> failing = seen.failing();
        return failing.isEmpty()
                ? not(ConditionType.DEGRADED, "AsExpected", "no node is in trouble")
                : yes(ConditionType.DEGRADED, "NodesFailing", of(failing, seen) + ": " + name(failing));
    }

    private static Verdict conflict(Observation seen) {
        return seen.conflicts().none()
                ? not(ConditionType.CONFLICT, "NoConflict", "no other RegistryCache has what this one asks for")
                : yes(ConditionType.CONFLICT, "OlderKeeps", seen.conflicts().message());
    }

    private static Verdict containerd(Observation seen) {
        String type = ConditionType.CONTAINERD_CONFIGURED;
        List<NodeVerdict> broken = seen.failing().stream()
                .filter(verdict -> CONTAINERD_REASONS.contains(
                        Objects.requireNonNull(verdict.trouble()).reason()))
                .toList();
        if (!broken.isEmpty()) {
            return not(type, Objects.requireNonNull(broken.getFirst().trouble()).reason(), name(broken));
        }
        if (!seen.manage()) {
            return not(type, "NotManaged", "spec.containerd.manage is false: containerd's configuration is left alone");
        }
        long answering = seen.verdicts().stream().filter(NodeVerdict::answering).count();
        return seen.desired() > 0 && settled(seen) && seen.configured() >= answering
                ? yes(type, "EntriesPresent", "containerd on " + seen.configured() + " nodes uses the cache")
                : new Verdict(
                        type,
                        Status.Unknown,
                        "Waiting",
                        "known for " + seen.configured() + " of " + seen.desired() + " nodes so far");
    }

    private static Optional<Verdict> credentials(Observation seen) {
        if (seen.references().named() == 0 && seen.cloud().identities() == 0) {
            return Optional.empty();
        }
        String type = ConditionType.CREDENTIALS_VALID;
        if (!seen.references().problems().isEmpty()) {
            return Optional.of(
                    not(type, "ReferenceMissing", join(seen.references().problems())));
        }
        List<String> refused = refusedUpstreams(seen);
        return Optional.of(
                refused.isEmpty()
                        ? yes(type, "NotRefused", "no upstream has refused the credentials that were named")
                        : not(
                                type,
                                "Refused",
                                "refused by " + join(refused)
                                        + ": check the Secret's user and password, or what the cloud identity may pull"));
    }

    private static Optional<Verdict> cloud(Observation seen) {
        CloudState cloud = seen.cloud();
        if (cloud.identities() == 0) {
            return Optional.empty();
        }
        String type = ConditionType.CLOUD_LOGINS_CURRENT;
        if (cloud.problems().isEmpty()) {
            return Optional.of(yes(type, "Current", "each cloud identity has given a login; it is renewed ahead"));
        }
        String reason = cloud.secrets().size() < cloud.identities() ? "NotObtained" : "RenewalFailed";
        return Optional.of(not(type, reason, join(cloud.problems())));
    }

    /** Those that would not have the login they were given. */
    static List<String> refusedUpstreams(Observation seen) {
        return seen.reports()
                .flatMap(report -> report.registries().stream())
                .flatMap(registry -> registry.upstreams().stream()
                        .filter(upstream -> upstream.credentials().equals("Invalid"))
                        .map(NodeReport.Upstream::url))
                .distinct()
                .sorted()
                .toList();
    }

    private static Optional<Verdict> insecure(Observation seen) {
        List<String> urls = seen.registries().stream()
                .map(RegistrySpec::upstreams)
                .flatMap(List::stream)
                .filter(UpstreamSpec::insecure)
                .map(UpstreamSpec::url)
                .distinct()
                .toList();
        return urls.isEmpty()
                ? Optional.empty()
                : Optional.of(yes(
                        ConditionType.INSECURE_UPSTREAM,
                        "Unprotected",
                        "whoever is on the way can read what is sent: " + join(urls)));
    }

    static boolean settled(Observation seen) {
        return seen.rolledOut() && seen.waiting().isEmpty() && seen.verdicts().size() >= seen.desired();
    }

    private static String progress(Observation seen) {
        if (seen.daemonSet() == null || seen.daemonSet().getStatus() == null) {
            return "the DaemonSet is being made";
        }
        List<NodeVerdict> waiting = seen.waiting();
        if (!waiting.isEmpty()) {
            NodeVerdict first = waiting.getFirst();
            return of(waiting, seen) + " on the way: " + first.node() + " waits for " + first.waitingFor();
        }
        int missing = seen.desired() - seen.verdicts().size();
        return missing > 0
                ? missing + " of " + seen.desired() + " nodes wait for their pod; kubectl describe daemonset "
                        + seen.daemonSet().getMetadata().getName() + " says why it takes long"
                : "the DaemonSet is being rolled out";
    }

    private static Verdict deleting(List<String> nodes) {
        String more = nodes.size() > NAMED ? " and " + (nodes.size() - NAMED) + " more" : "";
        return not(
                ConditionType.READY,
                "Deleting",
                "deletion waits for nodes that carry our containerd configuration and cannot put it back now: "
                        + nodes.stream().limit(NAMED).collect(Collectors.joining(", ")) + more
                        + ". Bring them back or delete their Node objects; to let go at once, remove the finalizer "
                        + Names.RESTORE_FINALIZER);
    }

    private static String of(List<NodeVerdict> some, Observation seen) {
        return some.size() + " of " + Math.max(seen.desired(), seen.verdicts().size()) + " nodes";
    }

    private static String name(List<NodeVerdict> failing) {
        List<String> parts = new ArrayList<>();
        failing.stream().limit(NAMED).forEach(verdict -> {
            var trouble = Objects.requireNonNull(verdict.trouble());
            parts.add(verdict.node() + ": " + trouble.message());
        });
        if (failing.size() > NAMED) {
            parts.add("and " + (failing.size() - NAMED) + " more");
        }
        return String.join("; ", parts);
    }

    private static String join(List<?> parts) {
        return parts.stream().limit(10).map(Object::toString).collect(Collectors.joining("; "));
    }

    private static Verdict yes(String type, String reason, String message) {
        return new Verdict(type, Status.True, reason, message);
    }

    private static Verdict not(String type, String reason, String message) {
        return new Verdict(type, Status.False, reason, message);
    }
}
