package dev.larder.nodecache.source;

import dev.larder.nodecache.error.UpstreamFailure;
import java.time.Instant;

/** What a source said. */
public sealed interface SourceResult<T> {

    /** Who may see what was found. */
    sealed interface Audience {

        Audience EVERYONE = new Everyone();

        /** It came without the caller's credentials. */
        record Everyone() implements Audience {}

        /**
         * It came because of the caller's credentials, so the next caller must be checked by the source again.
         *
         * @param since when the credentials were last shown to who judges them
         */
        record OnlyCaller(Instant since) implements Audience {}
    }

    record Found<T>(T value, Audience audience) implements SourceResult<T> {}

    /** The source is well and does not have it. */
    record NotFound<T>(String message) implements SourceResult<T> {}

    record Unavailable<T>(UpstreamFailure failure) implements SourceResult<T> {}
}
