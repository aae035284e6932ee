package dev.larder.nodecache.config;

/**
 * How much may go on at once.
 *
 * @param requests beyond them a request gets 503
 * @param fills downloads into the store, over all upstreams
 * @param fillsPerUpstream of these, from one upstream
 */
public record LimitsConfig(int requests, int fills, int fillsPerUpstream) {

    public static final LimitsConfig DEFAULT = new LimitsConfig(1024, 32, 16);
}
