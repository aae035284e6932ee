package dev.larder.nodecache.error;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** An upstream did not give what was asked for, and the reason is not that it lacks it. */
public final class UpstreamFailure extends CacheException {

    private static final long serialVersionUID = 1L;

    /** What went wrong. */
    public enum Kind {
        /** 401; the challenge is kept for the client. */
        UNAUTHORIZED,
        /** 403. */
        DENIED,
        /** 429. */
        THROTTLED,
        /** 5xx, no connection, or a connection that broke. */
        UNREACHABLE,
        /** No answer in the time given. */
        TIMEOUT,
        /** An answer that is none: no length, no digest, a redirect loop, too large. */
        MALFORMED;

        /** Whether the upstream cannot answer for now, whoever asks for whatever, rather than this one request. */
        public boolean isUpstreamsFault() {
            return this == UNREACHABLE || this == TIMEOUT || this == THROTTLED;
        }
    }

    private final Kind kind;
    private final String host;
    private final List<String> challenges;

    public UpstreamFailure(Kind kind, String host, String message) {
        this(kind, host, message, List.of(), null);
    }

    public UpstreamFailure(
            Kind kind, String host, String message, @Nullable List<String> challenges, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.host = host;
        this.challenges = challenges == null ? List.of() : List.copyOf(challenges);
    }

    public Kind kind() {
        return kind;
    }

    /** The upstream's host and port. */
    public String host() {
        return host;
    }

    /** The upstream's {@code WWW-Authenticate} headers, unchanged. */
    public List<String> challenges() {
        return challenges;
    }
}
