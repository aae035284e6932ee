package dev.larder.nodecache.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A registry that content is fetched from.
 *
 * @param url http or https, a host, perhaps a port; no path, query or user
 * @param pathPrefix put before the repository, without slashes at its ends; empty for none
 * @param caFile PEM certificates to trust beside the system's, or null
 * @param insecureSkipVerify takes any certificate
 * @param credentialsFile folder or file of a Kubernetes Secret's content, or null
 * @param tokenServers hosts, perhaps with a port, that may be shown this upstream's logins beside its own
 */
public record UpstreamConfig(
        URI url,
        String pathPrefix,
        @Nullable Path caFile,
        boolean insecureSkipVerify,
        @Nullable Path credentialsFile,
        Set<String> tokenServers,
        UpstreamTimeouts timeouts) {

    public UpstreamConfig {
        tokenServers = Set.copyOf(tokenServers);
    }
}
