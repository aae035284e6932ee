package dev.larder.nodecache.registry;

import java.util.Locale;

/** Where an answer came from. One value feeds the log line, the metric and the response header. */
public enum Outcome {
    /** From this disk. */
    HIT,
    /** From a fill that another request had started. */
    JOINED,
    /** From another node. */
    PEER,
    /** From the upstream, now. */
    UPSTREAM,
    /** A tag's old meaning, since asking was not due or the upstream fails. */
    STALE,
    /** Not served. */
    REFUSED;

    private final String label = name().toLowerCase(Locale.ROOT);

    public String label() {
        return label;
    }
}
