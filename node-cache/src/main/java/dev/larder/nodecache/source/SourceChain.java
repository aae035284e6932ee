package dev.larder.nodecache.source;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Several sources as one: tried in order, the first that has the content wins. Each try gets its share of the deadline.
 *
 * <p>A client's Authorization goes to one source only: the one whose challenge the client was last shown.
 */
public final class SourceChain implements ContentSource {

    private final List<ContentSource> sources;
    private final AtomicReference<@Nullable ContentSource> challenger = new AtomicReference<>();

    /** @param sources not empty */
    public SourceChain(List<? extends ContentSource> sources) {
        this.sources = List.copyOf(sources);
    }

    @Override
    public SourceResult<Descriptor> headManifest(
            RepositoryName repository, Reference reference, Accept accept, Caller caller, Deadline deadline)
            throws InterruptedException {
        return firstFound(caller, deadline, (s, c, d) -> s.headManifest(repository, reference, accept, c, d));
    }

    @Override
    public SourceResult<FetchedManifest> getManifest(
            RepositoryName repository, Reference reference, Accept accept, Caller caller, Deadline deadline)
            throws InterruptedException {
        return firstFound(caller, deadline, (s, c, d) -> s.getManifest(repository, reference, accept, c, d));
    }

    @Override
    public SourceResult<Long> headBlob(RepositoryName repository, Digest digest, Caller caller, Deadline deadline)
            throws InterruptedException {
        return firstFound(caller, deadline, (s, c, d) -> s.headBlob(repository, digest, c, d));
    }

    @Override
    public SourceResult<BlobStream> openBlob(
            RepositoryName repository, Digest digest, long offset, Caller caller, Deadline deadline)
            throws InterruptedException {
        return firstFound(caller, deadline, (s, c, d) -> s.openBlob(repository, digest, offset, c, d));
    }

    @Override
    public SourceResult<Listing> list(ListingRequest request, Caller caller, Deadline deadline)
            throws InterruptedException {
        return firstFound(caller, deadline, (s, c, d) -> s.list(request, c, d));
    }

    private interface Try<T> {
        SourceResult<T> on(ContentSource source, Caller caller, Deadline deadline) throws InterruptedException;
    }

    private <T> SourceResult<T> firstFound(Caller caller, Deadline deadline, Try<T> attempt)
            throws InterruptedException {
        SourceResult<T> worst = new NotFound<>("no source has it");
        for (int i = 0; i < sources.size(); i++) {
            ContentSource source = sources.get(i);
            Deadline share = deadline.firstOf(sources.size() - i);
            boolean known = isKnownTo(source, caller);
            SourceResult<T> result = attempt.on(source, known ? caller : Caller.ANONYMOUS, share);
            if (isChallenge(result) && !known && challenger.compareAndSet(null, source)) {
                // The first challenge ever seen: what the client holds can only be meant for it.
                result = caller.authorization() == null ? result : attempt.on(source, caller, share);
            }
            if (result instanceof Found) {
                return result;
            }
            worst = graver(worst, result, i == 0);
        }
        return worst;
    }

    private boolean isKnownTo(ContentSource source, Caller caller) {
        return sources.size() == 1 || (caller.authorization() != null && source == challenger.get());
    }

    private static boolean isChallenge(SourceResult<?> result) {
        return result instanceof Unavailable<?> u && u.failure().kind() == UpstreamFailure.Kind.UNAUTHORIZED;
    }

    /** Trouble outweighs absence, since the source in trouble might have had it; a challenge outweighs both. */
    private static <T> SourceResult<T> graver(SourceResult<T> before, SourceResult<T> now, boolean first) {
        if (first || (isChallenge(now) && !isChallenge(before))) {
            return now;
        }
        return before instanceof NotFound && now instanceof Unavailable ? now : before;
    }
}
