package dev.larder.nodecache.upstream;

import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.Secret;
import java.net.URI;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A repository that is written to, and with what.
 *
 * @param registry scheme, host and perhaps port
 * @param user null for nobody; so is then the secret
 * @param secret a password, or a refresh token
 * @param refresh whether it is a refresh token, which only a token server takes
 * @param tokenServers hosts, perhaps with a port, that may be shown the login beside the registry's own
 * @param certificates PEM, to be trusted beside the system's; null for none
 */
public record PushTarget(
        URI registry,
        RepositoryName repository,
        @Nullable String user,
        @Nullable Secret secret,
        boolean refresh,
        Set<String> tokenServers,
        @Nullable String certificates) {

    public PushTarget {
        tokenServers = Set.copyOf(tokenServers);
        if (registry.getHost() == null || registry.getScheme() == null) {
            throw new IllegalArgumentException("a target's registry has a scheme and a host");
        }
    }

    /** Host and port, for messages. */
    public String host() {
        return registry.getAuthority();
    }
}
