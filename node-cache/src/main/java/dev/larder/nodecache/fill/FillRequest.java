package dev.larder.nodecache.fill;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.ContentSource;
import dev.larder.nodecache.source.SourcePolicy;
import dev.larder.nodecache.source.SourceResult.Audience;
import java.util.function.Consumer;

/**
 * Who wants which blob from where.
 *
 * @param onFound told once the source has begun to give the blob, before anyone is served
 * @param bytesPerSecond the most that is read of the source, until somebody joins without a bound; 0: no bound
 */
public record FillRequest(
        RepositoryKey repository,
        Digest digest,
        Caller caller,
        ContentSource source,
        SourcePolicy policy,
        Consumer<Audience> onFound,
        long bytesPerSecond) {

    /** Whether the source's verdict on the other request holds for this one too. */
    boolean sharesVerdictWith(FillRequest other) {
        return repository.equals(other.repository) && caller.equals(other.caller);
    }
}
