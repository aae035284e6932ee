package dev.larder.nodecache.config;

import java.util.List;

/**
 * One registry to cache.
 *
 * @param host as it stands in image names, {@code host[:port]}, lower case
 * @param upstreams where its content comes from, tried in order; never empty
 * @param tags first match wins; the last one matches everything
 * @param reservePercent of an upstream's own rate limit, kept for what is not here yet
 */
public record RegistryConfig(
        String host,
        List<UpstreamConfig> upstreams,
        Access access,
        RepositoryRules repositories,
        List<TagRule> tags,
        int reservePercent) {

    public static final int DEFAULT_RESERVE = 20;

    public RegistryConfig {
        upstreams = List.copyOf(upstreams);
        tags = List.copyOf(tags);
    }

    /** Who may pull what is stored: product terms, explained in the README. */
    public enum Access {
        RELAY,
        EXCHANGE,
        SHARED,
        ANONYMOUS
    }

    /**
     * Which repositories are served: globs over names.
     *
     * @param allow empty allows all
     * @param deny wins over allow
     */
    public record RepositoryRules(List<String> allow, List<String> deny) {

        public static final RepositoryRules ALL = new RepositoryRules(List.of(), List.of());

        public RepositoryRules {
            allow = List.copyOf(allow);
            deny = List.copyOf(deny);
        }
    }
}
