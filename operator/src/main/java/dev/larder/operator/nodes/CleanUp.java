package dev.larder.operator.nodes;

import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import java.util.List;
import java.util.Set;

/**
 * Which nodes carry our containerd configuration and cannot put it back by themselves: pure. As long as a pod's hosts writer
 * runs, ending the pod restores the node, so nobody has to wait.
 */
public final class CleanUp {

    /** Ended by itself; ended by SIGTERM, as Java reports it. */
    private static final Set<Integer> RESTORED_ON_EXIT = Set.of(0, 143);

    private CleanUp() {}

    /** The names of the nodes that a deletion has to wait for. */
    public static List<String> unable(List<ObservedNode> nodes, String hostsWriterContainer) {
        return nodes.stream()
                .filter(node -> node.node() != null) // a node that is gone has nothing to put back
                .filter(node -> carries(node, hostsWriterContainer) && !able(node, hostsWriterContainer))
                .map(ObservedNode::name)
                .sorted()
                .toList();
    }

    private static boolean carries(ObservedNode node, String hostsWriter) {
        boolean restored = node.answer() instanceof NodeAnswer.Said said
                && said.report().hostsWriter() != null
                && said.report().hostsWriter().restoredForGood();
        return !restored && node.container(hostsWriter).anyMatch(CleanUp::leftSomething);
    }

    /** A hosts writer that ended by itself or on SIGTERM has restored first; one that never ran has written nothing. */
    private static boolean leftSomething(ContainerStatus container) {
        if (container.getState().getRunning() != null) {
            return true;
        }
        ContainerStateTerminated ended = container.getState().getTerminated() != null
                ? container.getState().getTerminated()
                : container.getLastState() == null
                        ? null
                        : container.getLastState().getTerminated();
        return ended != null && !RESTORED_ON_EXIT.contains(ended.getExitCode());
    }

    private static boolean able(ObservedNode node, String hostsWriter) {
        return node.answering()
                && node.container(hostsWriter)
                        .anyMatch(container -> container.getState().getRunning() != null);
    }
}
