package dev.larder.nodecache.error;

/** The client asked for something that no registry could serve. */
public final class InvalidRequest extends CacheException {

    private static final long serialVersionUID = 1L;

    /** What was wrong. */
    public enum Kind {
        NAME,
        TAG,
        DIGEST,
        BODY,
        UNSUPPORTED
    }

    private final Kind kind;

    public InvalidRequest(Kind kind, String message) {
        super(message, null);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
