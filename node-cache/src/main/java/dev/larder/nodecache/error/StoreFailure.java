package dev.larder.nodecache.error;

import org.jspecify.annotations.Nullable;

/** The disk would not take or give the bytes. A pull goes on without it, streamed through uncached. */
public final class StoreFailure extends CacheException {

    private static final long serialVersionUID = 1L;

    /** What the disk said. */
    public enum Kind {
        FULL,
        IO
    }

    private final Kind kind;

    public StoreFailure(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
