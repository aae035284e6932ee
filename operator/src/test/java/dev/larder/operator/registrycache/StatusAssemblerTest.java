package dev.larder.operator.registrycache;

import static dev.larder.operator.nodes.Nodes.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.FailingNode;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheStatus;
import dev.larder.crds.v1alpha1.RegistryStatus;
import dev.larder.operator.nodes.NodeAnswer;
import dev.larder.operator.nodes.NodeReport;
import dev.larder.operator.nodes.Nodes;
import dev.larder.operator.nodes.ObservedNode;
import dev.larder.operator.registrycache.desired.CachePlan;
import dev.larder.operator.registrycache.desired.Plans;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StatusAssemblerTest {

    private static final String SPEC = "registries: [{host: docker.io}]";
    private static final References NO_REFERENCES = new References(0, Set.of(), Set.of(), "", List.of());
    private static final Conflicts NO_CONFLICTS = new Conflicts(Map.of(), List.of());

    @Test
    void allServing_isReady() {
        RegistryCacheStatus status = assemble(seen(2, Nodes.observed("n1"), Nodes.observed("n2")));
        assertThat(lines(status))
                .containsExactly(
                        "Ready=True Serving: 2 of 2 nodes serve pulls from their cache",
                        "Progressing=False Settled: nothing is on its way",
                        "Degraded=False AsExpected: no node is in trouble",
                        "Conflict=False NoConflict: no other RegistryCache has what this one asks for",
                        "ContainerdConfigured=True EntriesPresent: containerd on 2 nodes uses the cache");
        assertThat(status.nodes()).isNotNull().satisfies(nodes -> {
            assertThat(nodes.desired()).isEqualTo(2);
            assertThat(nodes.ready()).isEqualTo(2);
            assertThat(nodes.configured()).isEqualTo(2);
        });
        assertThat(status.registries())
                .containsExactly(new RegistryStatus(
                        "docker.io", RegistryStatus.Reachable.Yes, RegistryStatus.Credentials.Unknown, null, null));
        assertThat(status.observedGeneration()).isEqualTo(3);
    }

    @Test
    void sameObservation_sameStatus() {
        Observation seen = seen(1, Nodes.observed("n1"));
        RegistryCacheStatus first = assemble(RegistryCacheStatus.NONE, seen, NOW);
        assertThat(assemble(first, seen, NOW.plusSeconds(60))).isEqualTo(first);
    }

    @Test
    void transitionTime_movesOnlyWithTheStatus() {
        RegistryCacheStatus ready = assemble(RegistryCacheStatus.NONE, seen(1, Nodes.observed("n1")), NOW);
        Observation trouble = seen(1, silent("n1"));
        RegistryCacheStatus later = assemble(ready, trouble, NOW.plusSeconds(60));
        assertThat(condition(later, "Ready").lastTransitionTime()).isEqualTo("2026-11-22T06:01:00Z");
        assertThat(condition(later, "Conflict").lastTransitionTime()).isEqualTo("2026-11-22T06:00:00Z");
    }

    @Test
    void troubledNode_isNamed() {
        RegistryCacheStatus status = assemble(seen(2, Nodes.observed("n1"), silent("n2")));
        assertThat(lines(status))
                .startsWith(
                        "Ready=False NodesFailing: 1 of 2 nodes: n2: the node cache is ready, but the operator gets no"
                                + " answer: timed out; let the operator reach port 5153 of the nodes");
        assertThat(condition(status, "Degraded").status()).isEqualTo(Condition.Status.True);
        assertThat(status.nodes()).isNotNull().satisfies(nodes -> assertThat(nodes.failing())
                .extracting(FailingNode::node, FailingNode::reason)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("n2", "NoAnswer")));
    }

    @Test
    void nodeAway_doesNotMakeTheRestUnready() {
        ObservedNode away = Nodes.observed(
                Nodes.node("n2", "Unknown", "containerd://2.3.7"), Nodes.pod("n2", false), Nodes.report());
        RegistryCacheStatus status = assemble(seen(2, Nodes.observed("n1"), away));
        assertThat(condition(status, "Ready").status()).isEqualTo(Condition.Status.True);
        assertThat(condition(status, "Ready").message()).contains("n2");
        assertThat(condition(status, "Degraded").status()).isEqualTo(Condition.Status.True);
        assertThat(condition(status, "ContainerdConfigured").status()).isEqualTo(Condition.Status.True);
    }

    @Test
    void manyTroubledNodes_areBounded() {
        ObservedNode[] nodes =
                IntStream.range(0, 100).mapToObj(i -> silent("n" + (100 + i))).toArray(ObservedNode[]::new);
        RegistryCacheStatus status = assemble(seen(100, nodes));
        assertThat(status.nodes()).isNotNull().satisfies(counted -> assertThat(counted.failing())
                .hasSize(20));
        assertThat(condition(status, "Ready").message()).contains("and 95 more").hasSizeLessThan(2000);
    }

    @Test
    void missingPods_areProgress() {
        RegistryCacheStatus status = assemble(seen(3, Nodes.observed("n1")));
        assertThat(lines(status))
                .startsWith(
                        "Ready=False Progressing: 2 of 3 nodes wait for their pod; kubectl describe daemonset larder-default"
                                + " says why it takes long");
        assertThat(condition(status, "Progressing").status()).isEqualTo(Condition.Status.True);
        assertThat(condition(status, "ContainerdConfigured").status()).isEqualTo(Condition.Status.Unknown);
    }

    @Test
    void noNodeSelected_saysWhereToLook() {
        assertThat(lines(assemble(seen(0))))
                .startsWith(
                        "Ready=False NoNodes: no node is selected: compare spec.nodes.selector and tolerations with the"
                                + " nodes' labels and taints");
    }

    @Test
    void invalidSpec_keepsWhatRuns() {
        RegistryCacheStatus before = assemble(seen(1, Nodes.observed("n1")));
        Intent invalid = new Intent(
                List.of(new Problem("spec.x", "is odd: write y")), NO_CONFLICTS, NO_REFERENCES, CloudState.NONE, null);
        RegistryCacheStatus after = assemble(before, Observation.ofNothing(invalid), NOW);
        assertThat(lines(after)).startsWith("Ready=False InvalidSpec: spec.x: is odd: write y");
        assertThat(after.nodes()).isEqualTo(before.nodes());
        assertThat(after.configRevision()).isEqualTo(before.configRevision());
    }

    @Test
    void failedReconcile_saysWhyAndKeepsTheRest() {
        RegistryCacheStatus before = assemble(seen(1, Nodes.observed("n1")));
        RegistryCacheStatus after =
                StatusAssembler.failed(cache(), before, new IllegalStateException("quota exceeded"), NOW);
        assertThat(condition(after, "Ready").reason()).isEqualTo("ReconcileFailed");
        assertThat(condition(after, "Ready").message()).contains("quota exceeded");
        assertThat(condition(after, "Degraded")).isEqualTo(condition(before, "Degraded"));
        assertThat(after.nodes()).isEqualTo(before.nodes());
    }

    @Test
    void lostRegistry_isAConflictButServes() {
        Intent intent = intent(new Conflicts(Map.of("ghcr.io", "stays with the claim of RegistryCache a"), List.of()));
        RegistryCacheStatus status = assemble(Observation.of(
                intent,
                plan(SPEC),
                Nodes.REVISION,
                daemonSet(1),
                List.of(Nodes.observed("n1")),
                Nodes.LONG_SINCE,
                NOW));
        assertThat(condition(status, "Ready").status()).isEqualTo(Condition.Status.True);
        assertThat(lines(status))
                .contains("Conflict=True OlderKeeps: registry ghcr.io stays with the claim of RegistryCache a");
    }

    @Test
    void missingSecret_isNamedAndDoesNotStopServing() {
        Intent intent = new Intent(
                List.of(),
                NO_CONFLICTS,
                new References(1, Set.of(), Set.of(), "", List.of("docker.io: there is no Secret hub")),
                CloudState.NONE,
                plan(SPEC));
        RegistryCacheStatus status = assemble(Observation.of(
                intent,
                plan(SPEC),
                Nodes.REVISION,
                daemonSet(1),
                List.of(Nodes.observed("n1")),
                Nodes.LONG_SINCE,
                NOW));
        assertThat(lines(status))
                .contains("CredentialsValid=False ReferenceMissing: docker.io: there is no Secret hub");
        assertThat(condition(status, "Ready").status()).isEqualTo(Condition.Status.True);
    }

    @Test
    void refusedCredentials_nameTheUpstream() {
        NodeReport report = new NodeReport(
                "0.1.0",
                "default",
                true,
                new NodeReport.Config(Nodes.REVISION, List.of()),
                NodeReport.Storage.UNKNOWN,
                List.of(new NodeReport.Registry(
                        "docker.io",
                        1,
                        0,
                        42L,
                        List.of(new NodeReport.Upstream("https://hub", "Down", "Invalid", "401")))),
                Nodes.writer(Nodes.REVISION, "Present", Nodes.SINGLE_FOLDER),
                NodeReport.Mirror.NONE);
        Intent intent = new Intent(
                List.of(),
                NO_CONFLICTS,
                new References(1, Set.of("hub"), Set.of(), "", List.of()),
                CloudState.NONE,
                plan(SPEC));
        RegistryCacheStatus status = assemble(Observation.of(
                intent,
                plan(SPEC),
                Nodes.REVISION,
                daemonSet(1),
                List.of(Nodes.observed(Nodes.node("n1"), Nodes.pod("n1", true), report)),
                Nodes.LONG_SINCE,
                NOW));
        assertThat(condition(status, "CredentialsValid").message()).contains("https://hub");
        assertThat(status.registries())
                .containsExactly(new RegistryStatus(
                        "docker.io", RegistryStatus.Reachable.No, RegistryStatus.Credentials.Invalid, 42L, null));
    }

    @Test
    void insecureUpstream_raisesACondition() {
        String spec = "registries: [{host: docker.io, upstreams: [{url: \"http://10.0.0.1:5000\"}]}]";
        RegistryCacheStatus status = assemble(Observation.of(
                intent(NO_CONFLICTS),
                plan(spec),
                Nodes.REVISION,
                daemonSet(1),
                List.of(Nodes.observed("n1")),
                Nodes.LONG_SINCE,
                NOW));
        assertThat(condition(status, "InsecureUpstream").message()).contains("http://10.0.0.1:5000");
    }

    @Test
    void deletion_namesTheNodesItWaitsFor() {
        ObservedNode away = Nodes.observed(
                Nodes.node("n2", "Unknown", "containerd://2.3.7"), Nodes.pod("n2", false), Nodes.report());
        RegistryCache deleted = cache();
        deleted.getMetadata().setDeletionTimestamp("2026-11-22T06:00:00Z");
        RegistryCacheStatus status = StatusAssembler.assemble(
                deleted, RegistryCacheStatus.NONE, seen(2, Nodes.observed("n1"), away), new HitRatios(), NOW);
        assertThat(condition(status, "Ready").reason()).isEqualTo("Deleting");
        assertThat(condition(status, "Ready").message()).contains("n2").contains("larder.dev/restore-nodes");
    }

    private static Observation seen(int desired, ObservedNode... nodes) {
        return Observation.of(
                intent(NO_CONFLICTS),
                plan(SPEC),
                Nodes.REVISION,
                daemonSet(desired),
                List.of(nodes),
                Nodes.LONG_SINCE,
                NOW);
    }

    private static Intent intent(Conflicts conflicts) {
        return new Intent(List.of(), conflicts, NO_REFERENCES, CloudState.NONE, plan(SPEC));
    }

    private static CachePlan plan(String spec) {
        return Plans.plan(spec);
    }

    private static ObservedNode silent(String name) {
        return new ObservedNode(name, Nodes.node(name), Nodes.pod(name, true), new NodeAnswer.Silent("timed out"));
    }

    private static DaemonSet daemonSet(int desired) {
        return new DaemonSetBuilder()
                .withNewMetadata()
                .withName("larder-default")
                .withGeneration(2L)
                .endMetadata()
                .withNewStatus()
                .withObservedGeneration(2L)
                .withDesiredNumberScheduled(desired)
                .withUpdatedNumberScheduled(desired)
                .endStatus()
                .build();
    }

    private static RegistryCache cache() {
        RegistryCache cache = Plans.cache("default", SPEC);
        cache.getMetadata().setGeneration(3L);
        return cache;
    }

    private static RegistryCacheStatus assemble(Observation seen) {
        return assemble(RegistryCacheStatus.NONE, seen, NOW);
    }

    private static RegistryCacheStatus assemble(RegistryCacheStatus before, Observation seen, Instant now) {
        return StatusAssembler.assemble(cache(), before, seen, new HitRatios(), now);
    }

    private static Condition condition(RegistryCacheStatus status, String type) {
        return status.conditions().stream()
                .filter(condition -> condition.type().equals(type))
                .findFirst()
                .orElseThrow();
    }

    private static List<String> lines(@Nullable RegistryCacheStatus status) {
        List<String> lines = new ArrayList<>();
        if (status != null) {
            status.conditions()
                    .forEach(condition -> lines.add(condition.type() + "=" + condition.status() + " "
                            + condition.reason() + ": " + condition.message()));
        }
        return lines;
    }
}
