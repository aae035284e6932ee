package dev.larder.nodecache.registry;

import java.time.Duration;

/**
 * How long a tag's meaning is good, for the tags that the pattern matches.
 *
 * @param freshFor no upstream request inside it
 * @param staleWhileRevalidate for so long after freshFor the old answer is given at once and a new one fetched behind
 * @param staleIfError for so long after freshFor the old answer stands in for an upstream that fails
 * @param serveDeleted whether that also holds for a tag the upstream says it does not have
 */
public record TagFreshness(
        String pattern, Duration freshFor, Duration staleWhileRevalidate, Duration staleIfError, boolean serveDeleted) {

    boolean isFresh(Duration age) {
        return age.compareTo(freshFor) < 0;
    }

    boolean maySkipWaiting(Duration age) {
        return age.compareTo(freshFor.plus(staleWhileRevalidate)) < 0;
    }

    boolean mayStandIn(Duration age) {
        return age.compareTo(freshFor.plus(staleIfError)) < 0;
    }
}
