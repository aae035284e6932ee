package dev.larder.nodecache.source;

import org.jspecify.annotations.Nullable;

/**
 * Who asks, as far as a source needs to know.
 *
 * @param authorization the client's own Authorization header, if it is to be passed on
 */
public record Caller(@Nullable Secret authorization) {

    public static final Caller ANONYMOUS = new Caller(null);
}
