package dev.larder.nodecache.source;

import org.jspecify.annotations.Nullable;

/**
 * Who asks, as far as a source needs to know.
 *
 * @param authorization the client's own Authorization header, if it is to be passed on
 * @param frugal whether there is an older answer to fall back on, so that a request that a rate limit counts had better
 *     be left to those who have none
 */
public record Caller(@Nullable Secret authorization, boolean frugal) {

    public static final Caller ANONYMOUS = new Caller(null);

    public Caller(@Nullable Secret authorization) {
        this(authorization, false);
    }

    public Caller frugally(boolean hasFallback) {
        return new Caller(authorization, hasFallback);
    }

    /** The same without what identifies it. */
    Caller asNobody() {
        return new Caller(null, frugal);
    }
}
