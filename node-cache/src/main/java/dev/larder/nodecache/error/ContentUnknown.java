package dev.larder.nodecache.error;

/** What was asked for is not there: the upstream said so, or this cache does not serve it. */
public final class ContentUnknown extends CacheException {

    private static final long serialVersionUID = 1L;

    /** What is missing. */
    public enum Kind {
        REGISTRY,
        REPOSITORY,
        MANIFEST,
        BLOB
    }

    private final Kind kind;

    public ContentUnknown(Kind kind, String message) {
        super(message, null);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
