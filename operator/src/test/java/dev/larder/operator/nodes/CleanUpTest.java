package dev.larder.operator.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.operator.nodes.NodeReport.HostsWriter;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CleanUpTest {

    private static final Node AWAY = Nodes.node("n1", "Unknown", "containerd://2.3.7");

    @Test
    void runningHostsWriter_cleansUpByItself() {
        assertThat(unable(Nodes.node("n1"), Nodes.pod("n1", true))).isEmpty();
    }

    @Test
    void crashedCacheWithRunningHostsWriter_cleansUpByItself() {
        Pod pod =
                Nodes.with(Nodes.pod("n1", false), "node-cache", Nodes.waiting("CrashLoopBackOff"), Nodes.ended(2), 9);
        assertThat(unable(Nodes.node("n1"), pod)).isEmpty();
    }

    @Test
    void nodeAway_cannot() {
        assertThat(unable(AWAY, Nodes.pod("n1", true))).containsExactly("n1");
    }

    @Test
    void killedHostsWriter_cannot() {
        Pod pod = Nodes.with(
                Nodes.pod("n1", false), "hosts-writer", Nodes.waiting("CrashLoopBackOff"), Nodes.ended(137), 3);
        assertThat(unable(Nodes.node("n1"), pod)).containsExactly("n1");
    }

    @Test
    void endedByTerm_hasRestored() {
        Pod pod = Nodes.with(Nodes.pod("n1", false), "hosts-writer", Nodes.ended(143), new ContainerState(), 0);
        assertThat(unable(AWAY, pod)).isEmpty();
    }

    @Test
    void neverStarted_hasWrittenNothing() {
        Pod pod = Nodes.with(
                Nodes.pod("n1", false), "hosts-writer", Nodes.waiting("ImagePullBackOff"), new ContainerState(), 0);
        assertThat(unable(AWAY, pod)).isEmpty();
    }

    @Test
    void reportedRestored_needsNothing() {
        HostsWriter restored = new HostsWriter(false, "rev", true, "", Nodes.SINGLE_FOLDER, List.of(), true);
        ObservedNode node = Nodes.observed(AWAY, Nodes.pod("n1", true), Nodes.report("rev", restored));
        assertThat(CleanUp.unable(List.of(node), "hosts-writer")).isEmpty();
    }

    @Test
    void restoredForTheMoment_mayComeBack() {
        HostsWriter away = new HostsWriter(true, "rev", false, "", Nodes.SINGLE_FOLDER, List.of(), true);
        ObservedNode node = Nodes.observed(AWAY, Nodes.pod("n1", true), Nodes.report("rev", away));
        assertThat(CleanUp.unable(List.of(node), "hosts-writer")).containsExactly("n1");
    }

    @Test
    void nodeGone_hasNothingToPutBack() {
        assertThat(unable(null, Nodes.pod("n1", true))).isEmpty();
    }

    private static List<String> unable(@Nullable Node node, Pod pod) {
        return CleanUp.unable(
                List.of(new ObservedNode("n1", node, pod, new NodeAnswer.Silent("not asked"))), "hosts-writer");
    }
}
