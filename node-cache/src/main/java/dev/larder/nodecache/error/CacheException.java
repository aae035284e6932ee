package dev.larder.nodecache.error;

import org.jspecify.annotations.Nullable;

/** The request at hand cannot be served. The sub-type says whose fault it is; the message says what to do. */
public abstract sealed class CacheException extends RuntimeException
        permits InvalidRequest,
                RangeUnsatisfiable,
                ContentUnknown,
                UpstreamFailure,
                IntegrityFailure,
                StoreFailure,
                Overloaded {

    private static final long serialVersionUID = 1L;

    CacheException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
