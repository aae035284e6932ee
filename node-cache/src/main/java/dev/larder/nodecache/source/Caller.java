package dev.larder.nodecache.source;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Who asks, as far as a source needs to know.
 *
 * @param shown the client's own Authorization header; null when it sent none
 * @param frugal whether there is an older answer to fall back on, so that a request that a rate limit counts had better
 *     be left to those who have none
 */
public record Caller(@Nullable Shown shown, boolean frugal) {

    public static final Caller ANONYMOUS = new Caller(null, false);

    /** How long a login counts after it was last found to be right, without being shown to its upstream again. */
    public static final Duration LOGIN_COUNTS_FOR = Duration.ofMinutes(15);

    /** The header, to be passed on. */
    public @Nullable Secret authorization() {
        return shown == null ? null : shown.authorization();
    }

    public Caller frugally(boolean hasFallback) {
        return new Caller(shown, hasFallback);
    }

    /** The same without what identifies it. */
    public Caller asNobody() {
        return new Caller(null, frugal);
    }
}
