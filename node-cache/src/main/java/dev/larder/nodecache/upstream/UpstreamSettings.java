package dev.larder.nodecache.upstream;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One upstream of one registry.
 *
 * @param registry the registry it serves, for metrics
 * @param url scheme, host and perhaps port
 * @param pathPrefix put before every repository; may be empty
 * @param caFile PEM certificates to trust beside the system's
 * @param credentialsFile used for everyone when present
 * @param tokenServers hosts, perhaps with a port, that may be shown its logins beside its own
 * @param clients what becomes of a client's own Authorization
 * @param idle how long a blob may wait in silence, all resumes together
 * @param reservePercent of its own rate limit, kept for callers with nothing to fall back on
 */
public record UpstreamSettings(
        String registry,
        URI url,
        String pathPrefix,
        @Nullable Path caFile,
        boolean insecureSkipVerify,
        @Nullable Path credentialsFile,
        Set<String> tokenServers,
        Clients clients,
        Duration connect,
        Duration idle,
        int maxFills,
        int reservePercent) {

    /** What a client's own Authorization is good for. */
    public enum Clients {
        /** Nothing. */
        IGNORED,
        /** It is sent to the upstream as it is. */
        PASSED_ON,
        /** It is a login, with which the upstream's own way to log in is gone. */
        EXCHANGED
    }

    public UpstreamSettings {
        tokenServers = Set.copyOf(tokenServers);
        if (url.getHost() == null || url.getScheme() == null) {
            throw new IllegalArgumentException("an upstream's url has a scheme and a host");
        }
    }

    /** Host and port, for messages. */
    String host() {
        return url.getAuthority();
    }
}
