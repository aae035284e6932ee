package dev.larder.operator.registrycache;

import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has come of a RegistryCache's cloud identities.
 *
 * @param identities how many there are
 * @param secrets those with a login that is good
 * @param revision changes with any of these; empty when there are none
 * @param problems why there is no login, or no newer one
 * @param next when a cloud is to be asked again; null when there are no identities
 */
record CloudState(
        int identities,
        Set<String> secrets,
        String revision,
        List<Problem> problems,
        @Nullable Instant next) {

    static final CloudState NONE = new CloudState(0, Set.of(), "", List.of(), null);
}
