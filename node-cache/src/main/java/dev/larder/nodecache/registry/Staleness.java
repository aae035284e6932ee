package dev.larder.nodecache.registry;

/** By which rule an old answer is given. The Warning codes are those of RFC 7234, section 5.5. */
enum Staleness {
    NONE(""),
    /** A new one is being asked for meanwhile. */
    WHILE_REVALIDATE("110 larder \"Response is Stale: staleWhileRevalidate\""),
    /** The upstream was asked and failed, or what it now names cannot be had from it. */
    IF_ERROR("111 larder \"Revalidation Failed: staleIfError\""),
    /** The upstream has it no more. */
    DELETED("110 larder \"Response is Stale: onDeletedUpstream Serve\"");

    private final String warning;

    Staleness(String warning) {
        this.warning = warning;
    }

    /** Empty for an answer that is not stale. */
    String warning() {
        return warning;
    }
}
