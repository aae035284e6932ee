package dev.larder.nodecache.source;

import dev.larder.nodecache.error.UpstreamFailure;

/** What a source said. */
public sealed interface SourceResult<T> {

    /** Who may see what was found. */
    enum Audience {
        /** It came without the caller's credentials. */
        EVERYONE,
        /** It came because of the caller's credentials, so the next caller must be checked by the source again. */
        CALLER
    }

    record Found<T>(T value, Audience audience) implements SourceResult<T> {}

    /** The source is well and does not have it. */
    record NotFound<T>(String message) implements SourceResult<T> {}

    record Unavailable<T>(UpstreamFailure failure) implements SourceResult<T> {}
}
