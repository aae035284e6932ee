package dev.larder.operator.nodes;

import dev.larder.operator.nodes.NodeReport.HostsEntry;
import dev.larder.operator.nodes.NodeReport.HostsWriter;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Decides what to make of a node: pure, from what was observed, what is expected and the time. */
public final class NodeJudge {

    /** How long a pod may take for its start before that is called trouble. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** How long a new certificate may take from its Secret to the node cache's listener; the kubelet looks once a minute. */
    private static final Duration CERTIFICATE_PATIENCE = Duration.ofMinutes(2);

    private static final double GIB = 1 << 30;

    private static final Set<String> WAITING_IN_TROUBLE = Set.of(
            "CrashLoopBackOff",
            "ImagePullBackOff",
            "ErrImagePull",
            "ErrImageNeverPull",
            "InvalidImageName",
            "CreateContainerConfigError",
            "CreateContainerError",
            "RunContainerError");

    private final Expected expected;
    private final Instant now;

    public NodeJudge(Expected expected, Instant now) {
        this.expected = expected;
        this.now = now;
    }

    public NodeVerdict judge(ObservedNode node) {
        if (!node.answering()) {
            return NodeVerdict.inTrouble(
                    node,
                    false,
                    new Trouble("NodeNotReady", "the node's kubelet does not answer; nothing is waited for from it"));
        }
        Optional<Trouble> podTrouble = podTrouble(node);
        if (podTrouble.isPresent()) {
            return NodeVerdict.inTrouble(node, node.podReady(), podTrouble.get());
        }
        if (node.podLeaving()) {
            return NodeVerdict.waiting(node, false, "the old pod to end");
        }
        return switch (node.answer()) {
            case NodeAnswer.Silent silent -> silent(node, silent);
            case NodeAnswer.Said said -> judge(node, said.report());
        };
    }

    private static Optional<Trouble> podTrouble(ObservedNode node) {
        Optional<Trouble> container = node.containers()
                .filter(status -> status.getState().getWaiting() != null)
                .filter(status -> WAITING_IN_TROUBLE.contains(
                        Optional.ofNullable(status.getState().getWaiting().getReason())
                                .orElse("")))
                .map(NodeJudge::containerTrouble)
                .findFirst();
        return container.or(() -> unschedulable(node));
    }

    private static Trouble containerTrouble(ContainerStatus status) {
        ContainerState state = status.getState();
        String last = status.getLastState() == null || status.getLastState().getTerminated() == null
                ? ""
                : ", last exit code " + status.getLastState().getTerminated().getExitCode();
        String message = Optional.ofNullable(state.getWaiting().getMessage()).orElse("");
        return new Trouble(
                state.getWaiting().getReason(),
                "container " + status.getName() + ": " + message + last + "; its log says more");
    }

    private static Optional<Trouble> unschedulable(ObservedNode node) {
        List<PodCondition> conditions = node.pod().getStatus() == null
                ? List.of()
                : node.pod().getStatus().getConditions();
        return conditions.stream()
                .filter(condition -> condition.getType().equals("PodScheduled")
                        && condition.getStatus().equals("False"))
                .map(condition -> new Trouble("Unschedulable", String.valueOf(condition.getMessage())))
                .findFirst();
    }

    private NodeVerdict silent(ObservedNode node, NodeAnswer.Silent silent) {
        if (node.podReady()) {
            return expected.certificateSince().plus(CERTIFICATE_PATIENCE).isAfter(now)
                    ? NodeVerdict.waiting(node, true, "a new certificate to reach the node cache: " + silent.why())
                    : NodeVerdict.inTrouble(
                            node,
                            true,
                            new Trouble(
                                    "NoAnswer",
                                    "the node cache is ready, but the operator gets no answer: " + silent.why()
                                            + "; let the operator reach port " + expected.jobsPort()
                                            + " of the nodes"));
        }
        return young(node)
                ? NodeVerdict.waiting(node, false, "the node cache to start")
                : NodeVerdict.inTrouble(
                        node, false, new Trouble("NotReady", "the node cache does not become ready: " + silent.why()));
    }

    private NodeVerdict judge(ObservedNode node, NodeReport report) {
        boolean ready = node.podReady();
        Optional<Trouble> trouble = reported(node, report);
        if (trouble.isPresent()) {
            return NodeVerdict.inTrouble(node, ready, trouble.get());
        }
        if (!ready) {
            return young(node)
                    ? NodeVerdict.waiting(node, false, "the node cache to become ready")
                    : NodeVerdict.inTrouble(
                            node, false, new Trouble("NotReady", "the node cache says it is not ready to serve"));
        }
        if (!report.config().revision().equals(expected.configRevision())) {
            return NodeVerdict.waiting(node, true, "the new configuration to be loaded");
        }
        return expected.manage() ? hosts(node, report) : unmanaged(node, report);
    }

    private Optional<Trouble> reported(ObservedNode node, NodeReport report) {
        if (!report.resource().equals(expected.resource())) {
            return Optional.of(new Trouble(
                    "PortTaken",
                    "port " + expected.jobsPort() + " is answered by the node cache of " + report.resource()
                            + ": give one of the two other spec.ports"));
        }
        if (!report.config().problems().isEmpty()) {
            return Optional.of(new Trouble(
                    "ConfigRejected", String.join("; ", report.config().problems())));
        }
        if (!report.storage().writable()) {
            return Optional.of(new Trouble(
                    "StorageFailed",
                    report.storage().path() + " cannot be written, pulls go through uncached: "
                            + report.storage().message()));
        }
        if (report.storage().lacksRoom()) {
            return Optional.of(new Trouble("NoRoom", noRoom(report.storage())));
        }
        if (expected.manage()
                && report.hostsWriter() != null
                && report.hostsWriter().configPath() != null) {
            return ContainerdVerdict.of(node.runtime(), report.hostsWriter().configPath());
        }
        return Optional.empty();
    }

    /** Without what is free just now: a message that changes with it would be another status each time. */
    private static String noRoom(NodeReport.Storage storage) {
        return String.format(
                Locale.ROOT,
                "storage.minFree keeps %.1f GiB of the disk of %s free, and other files leave less than that, so that nothing"
                        + " is cached and pulls go through: make room, move storage.path or lower storage.minFree",
                storage.minFreeBytes() / GIB,
                storage.path());
    }

    private NodeVerdict hosts(ObservedNode node, NodeReport report) {
        HostsWriter writer = report.hostsWriter();
        if (writer == null) {
            return young(node)
                    ? NodeVerdict.waiting(node, true, "the hosts writer to start")
                    : NodeVerdict.inTrouble(
                            node,
                            true,
                            new Trouble("HostsWriterSilent", "the hosts writer reports nothing; its log says why"));
        }
        if (!writer.revision().equals(expected.configRevision())) {
            return NodeVerdict.waiting(node, true, "the hosts writer to load the new configuration");
        }
        Optional<HostsEntry> failed = writer.registries().stream()
                .filter(entry -> entry.state().equals("Failed"))
                .findFirst();
        if (failed.isPresent()) {
            return NodeVerdict.inTrouble(
                    node,
                    true,
                    new Trouble(
                            "HostsNotWritten",
                            failed.get().host() + ": " + failed.get().message()));
        }
        Set<String> present = writer.registries().stream()
                .filter(entry -> entry.state().equals("Present"))
                .map(HostsEntry::host)
                .collect(Collectors.toSet());
        return present.containsAll(expected.registries())
                ? new NodeVerdict(node.name(), true, true, true, null, null)
                : NodeVerdict.waiting(node, true, "containerd's entries to be written");
    }

    private static NodeVerdict unmanaged(ObservedNode node, NodeReport report) {
        HostsWriter writer = report.hostsWriter();
        return writer == null || !writer.restoredForGood()
                ? NodeVerdict.waiting(node, true, "containerd's configuration to be put back")
                : new NodeVerdict(node.name(), true, true, false, null, null);
    }

    private boolean young(ObservedNode node) {
        String created = node.pod().getMetadata().getCreationTimestamp();
        try {
            return created == null || Instant.parse(created).plus(PATIENCE).isAfter(now);
        } catch (DateTimeParseException e) {
            return false;
        }
    }
}
