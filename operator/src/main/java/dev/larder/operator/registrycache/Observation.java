package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.RegistrySpec;
import dev.larder.operator.nodes.CleanUp;
import dev.larder.operator.nodes.Expected;
import dev.larder.operator.nodes.NodeAnswer;
import dev.larder.operator.nodes.NodeJudge;
import dev.larder.operator.nodes.NodeReport;
import dev.larder.operator.nodes.NodeVerdict;
import dev.larder.operator.nodes.ObservedNode;
import dev.larder.operator.registrycache.desired.CachePlan;
import dev.larder.operator.registrycache.desired.Names;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Everything a status is assembled from.
 *
 * @param registries those that are served
 * @param manage whether containerd's configuration is ours to write
 * @param configRevision what the nodes should have loaded; null when nothing was rendered
 * @param daemonSet as the API server has it; null when there is none
 */
record Observation(
        List<Problem> problems,
        Conflicts conflicts,
        References references,
        CloudState cloud,
        List<RegistrySpec> registries,
        boolean manage,
        @Nullable String configRevision,
        @Nullable DaemonSet daemonSet,
        List<ObservedNode> nodes,
        List<NodeVerdict> verdicts) {

    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);

    static Observation of(
            Intent intent,
            CachePlan plan,
            String configRevision,
            @Nullable DaemonSet daemonSet,
            List<ObservedNode> nodes,
            Instant certificateSince,
            Instant now) {
        List<String> hosts = plan.registries().stream().map(RegistrySpec::host).toList();
        Expected expected = new Expected(
                plan.name(),
                configRevision,
                hosts,
                plan.manage(),
                plan.spec().ports().jobsPort(),
                certificateSince);
        NodeJudge judge = new NodeJudge(expected, now);
        return new Observation(
                intent.problems(),
                intent.conflicts(),
                intent.references(),
                intent.cloud(),
                plan.registries(),
                plan.manage(),
                configRevision,
                daemonSet,
                nodes,
                nodes.stream().map(judge::judge).toList());
    }

    /** Of a RegistryCache that does not run. */
    static Observation ofNothing(Intent intent) {
        return new Observation(
                intent.problems(),
                intent.conflicts(),
                intent.references(),
                intent.cloud(),
                List.of(),
                true,
                null,
                null,
                List.of(),
                List.of());
    }

    /**
     * The nodes' own reports change without an event, and so do the Secrets that upstreams name: soon while something is on
     * its way or refused, seldom otherwise, and when a cloud login is to be renewed.
     */
    Duration lookAgainAfter(Instant now) {
        Duration usual = usualPause();
        if (cloud.next() == null) {
            return usual;
        }
        Duration due = Duration.between(now, cloud.next());
        Duration first = due.compareTo(usual) < 0 ? due : usual;
        return first.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : first;
    }

    private Duration usualPause() {
        boolean quiet = Conditions.settled(this)
                && failing().isEmpty()
                && Conditions.refusedUpstreams(this).isEmpty();
        if (configRevision == null || quiet) {
            return Duration.ofSeconds(30);
        }
        return Duration.ofSeconds(verdicts.size() <= 50 ? 3 : 10);
    }

    /** How many nodes should have a pod. */
    int desired() {
        return daemonSet == null || daemonSet.getStatus() == null
                ? 0
                : Optional.ofNullable(daemonSet.getStatus().getDesiredNumberScheduled())
                        .orElse(0);
    }

    /** Whether the DaemonSet's controller has seen the DaemonSet as it is and has brought every pod to it. */
    boolean rolledOut() {
        return daemonSet != null
                && daemonSet.getStatus() != null
                && Optional.ofNullable(daemonSet.getStatus().getObservedGeneration())
                                .orElse(0L)
                        >= Optional.ofNullable(daemonSet.getMetadata().getGeneration())
                                .orElse(0L)
                && Optional.ofNullable(daemonSet.getStatus().getUpdatedNumberScheduled())
                                .orElse(0)
                        >= desired();
    }

    int ready() {
        return count(verdicts.stream().filter(NodeVerdict::ready));
    }

    int configured() {
        return count(verdicts.stream().filter(NodeVerdict::configured));
    }

    List<NodeVerdict> failing() {
        return verdicts.stream().filter(verdict -> verdict.trouble() != null).toList();
    }

    List<NodeVerdict> waiting() {
        return verdicts.stream().filter(verdict -> verdict.waitingFor() != null).toList();
    }

    Stream<NodeReport> reports() {
        return reportsByNode().values().stream();
    }

    Map<String, NodeReport> reportsByNode() {
        Map<String, NodeReport> reports = new LinkedHashMap<>();
        nodes.forEach(node -> {
            if (node.answer() instanceof NodeAnswer.Said said) {
                reports.put(node.name(), said.report());
            }
        });
        return reports;
    }

    /** Nodes that carry our containerd configuration and cannot put it back now. */
    List<String> unableToCleanUp() {
        return CleanUp.unable(nodes, Names.CONTAINER_HOSTS_WRITER);
    }

    Set<String> nodeNames() {
        return nodes.stream().map(ObservedNode::name).collect(Collectors.toSet());
    }

    private static int count(Stream<NodeVerdict> verdicts) {
        return Math.toIntExact(verdicts.count());
    }
}
