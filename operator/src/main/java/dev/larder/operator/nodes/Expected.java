package dev.larder.operator.nodes;

import java.time.Instant;
import java.util.List;

/**
 * What a node should report once everything asked for has arrived.
 *
 * @param registries hosts whose containerd entry should be present
 * @param manage false when containerd's configuration is to be left alone
 * @param jobsPort where the node cache answers
 * @param certificateSince since when the node caches have been given the certificate that they are to answer with
 */
public record Expected(
        String resource,
        String configRevision,
        List<String> registries,
        boolean manage,
        int jobsPort,
        Instant certificateSince) {

    public Expected {
        registries = List.copyOf(registries);
    }
}
