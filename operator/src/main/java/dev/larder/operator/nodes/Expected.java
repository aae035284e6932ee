package dev.larder.operator.nodes;

import java.util.List;

/**
 * What a node should report once everything asked for has arrived.
 *
 * @param registries hosts whose containerd entry should be present
 * @param manage false when containerd's configuration is to be left alone
 * @param adminPort where the node cache answers
 */
public record Expected(String resource, String configRevision, List<String> registries, boolean manage, int adminPort) {

    public Expected {
        registries = List.copyOf(registries);
    }
}
