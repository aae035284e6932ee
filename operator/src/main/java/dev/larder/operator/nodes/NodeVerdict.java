package dev.larder.operator.nodes;

import org.jspecify.annotations.Nullable;

/**
 * What to make of one node.
 *
 * @param answering its kubelet answers; one that does not cannot pull either, and nobody waits for it
 * @param ready its node cache is ready to serve
 * @param configured its containerd uses the cache for every registry, with the present configuration
 * @param trouble what will not go away by waiting
 * @param waitingFor what is still on its way, when there is no trouble
 */
public record NodeVerdict(
        String node,
        boolean answering,
        boolean ready,
        boolean configured,
        @Nullable Trouble trouble,
        @Nullable String waitingFor) {

    static NodeVerdict inTrouble(ObservedNode node, boolean ready, Trouble trouble) {
        return new NodeVerdict(node.name(), node.answering(), ready, false, trouble, null);
    }

    static NodeVerdict waiting(ObservedNode node, boolean ready, String waitingFor) {
        return new NodeVerdict(node.name(), node.answering(), ready, false, null, waitingFor);
    }
}
