package dev.larder.nodecache.config;

import java.time.Duration;

/**
 * How long a tag's answer is good.
 *
 * @param pattern glob over tag names
 * @param freshFor no upstream request inside it
 * @param staleWhileRevalidate for this long after freshFor the old answer is given while a new one is asked for
 * @param staleIfError for this long after freshFor the old answer stands in for an upstream that fails; zero for never
 */
public record TagRule(
        String pattern,
        Duration freshFor,
        Duration staleWhileRevalidate,
        Duration staleIfError,
        OnDeleted onDeletedUpstream) {

    public static final TagRule DEFAULT =
            new TagRule("*", Duration.ofMinutes(5), Duration.ofHours(1), Duration.ofHours(168), OnDeleted.REFUSE);

    /** What to do with a tag that the upstream says it does not have (any more). */
    public enum OnDeleted {
        REFUSE,
        /** Until staleIfError ends. */
        SERVE
    }
}
