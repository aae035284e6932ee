package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.IntegrityFailure;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.fill.FillCoordinator;
import dev.larder.nodecache.fill.FillReader;
import dev.larder.nodecache.fill.FillRequest;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Audience;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import dev.larder.nodecache.store.BlobLease;
import dev.larder.nodecache.store.BlobStore;
import dev.larder.nodecache.store.SmallBlobs;
import java.util.Arrays;
import java.util.Optional;

/** Blobs by digest (end-2): from the disk, or from a fill that this request starts or joins. */
final class BlobHandler {

    private final BlobStore blobs;
    private final SmallBlobs small;
    private final FillCoordinator fills;
    private final PullAccess access;

    BlobHandler(BlobStore blobs, SmallBlobs small, FillCoordinator fills, PullAccess access) {
        this.blobs = blobs;
        this.small = small;
        this.fills = fills;
        this.access = access;
    }

    /** The answer, when it is here and nobody needs to be asked for it. */
    Optional<RegistryResponse> serveNow(CachedRegistry registry, Route.Blob route, RegistryRequest request) {
        return blobs.find(route.digest()).flatMap(lease -> {
            boolean asFile = request.head() || !SmallBlobs.isSmall(lease);
            boolean atHand = asFile || small.isInMemory(lease);
            if (atHand && access.isKnown(registry, route.repository(), route.digest(), request.caller())) {
                return Optional.of(stored(route, request, lease));
            }
            lease.close();
            return Optional.empty();
        });
    }

    RegistryResponse serve(CachedRegistry registry, Route.Blob route, RegistryRequest request)
            throws InterruptedException {
        Deadline deadline = Deadline.in(registry.policy().firstByteCold());
        while (true) {
            Optional<BlobLease> lease = blobs.find(route.digest());
            if (lease.isPresent()) {
                return checked(registry, route, request, lease.get(), deadline);
            }
            if (request.head()) {
                return head(registry, route, request, deadline);
            }
            FillRequest wanted = new FillRequest(
                    route.repository(),
                    route.digest(),
                    request.caller(),
                    registry.source(),
                    registry.policy(),
                    audience -> access.saw(registry, route.repository(), route.digest(), audience, request.caller()),
                    request.bytesPerSecond());
            Optional<FillReader> reader = fills.join(wanted, deadline, () -> check(registry, route, request, deadline));
            if (reader.isPresent()) {
                try {
                    return filling(route, request, reader.get(), deadline);
                } catch (UpstreamFailure e) {
                    if (!mayBeginAnew(reader.get(), e, deadline)) {
                        access.notGiven(registry, route.repository(), e, request.caller());
                        throw e;
                    }
                } catch (ContentUnknown | IntegrityFailure e) {
                    if (!reader.get().isForeign() || deadline.isOver()) {
                        throw e;
                    }
                }
            }
            // The fill ended between the two looks: the store has the blob now, or a new fill is due.
        }
    }

    /** Where somebody else was refused, who had begun it, or another repository, or registry, could not give it. */
    private static boolean mayBeginAnew(FillReader reader, UpstreamFailure failure, Deadline deadline) {
        boolean othersOwn = reader.isForeign() || (reader.joined() && !PullAccess.standsInFor(failure));
        return othersOwn && !deadline.isOver() && reader.hasFailed();
    }

    private RegistryResponse checked(
            CachedRegistry registry, Route.Blob route, RegistryRequest request, BlobLease lease, Deadline deadline)
            throws InterruptedException {
        boolean allowed = false;
        try {
            check(registry, route, request, deadline);
            allowed = true;
        } finally {
            if (!allowed) {
                lease.close();
            }
        }
        return stored(route, request, lease);
    }

    private RegistryResponse stored(Route.Blob route, RegistryRequest request, BlobLease lease) {
        boolean handedOn = false;
        try {
            ByteRange.Span span = request.range().within(lease.size());
            boolean partial = request.partial(lease.size());
            var headers = Headers.blob(route.digest(), partial, span, lease.size());
            if (request.head()) {
                return new RegistryResponse(partial, headers, new Body.Empty(span.length()), Outcome.HIT);
            }
            if (SmallBlobs.isSmall(lease)) {
                byte[] all = small.bytes(lease);
                byte[] wanted = partial ? Arrays.copyOfRange(all, (int) span.from(), (int) span.to()) : all;
                return new RegistryResponse(partial, headers, new Body.Bytes(wanted), Outcome.HIT);
            }
            handedOn = true;
            return new RegistryResponse(
                    partial, headers, new Body.FileRange(lease, span.from(), span.length()), Outcome.HIT);
        } finally {
            if (!handedOn) {
                lease.close();
            }
        }
    }

    private void check(CachedRegistry registry, Route.Blob route, RegistryRequest request, Deadline deadline)
            throws InterruptedException {
        PullAccess.Question question = () -> ask(registry, route, request, deadline);
        access.check(registry, route.repository(), route.digest(), request.caller(), deadline, question);
    }

    private static SourceResult<Long> ask(
            CachedRegistry registry, Route.Blob route, RegistryRequest request, Deadline deadline)
            throws InterruptedException {
        return registry.source().headBlob(route.repository().repository(), route.digest(), request.caller(), deadline);
    }

    private RegistryResponse head(CachedRegistry registry, Route.Blob route, RegistryRequest request, Deadline deadline)
            throws InterruptedException {
        RepositoryKey key = route.repository();
        Digest digest = route.digest();
        return switch (ask(registry, route, request, deadline)) {
            case Found<Long>(Long size, Audience audience) -> {
                access.saw(registry, key, digest, audience, request.caller());
                yield new RegistryResponse(Headers.blob(digest), new Body.Empty(size), Outcome.UPSTREAM);
            }
            case NotFound<Long>(String message) ->
                throw new ContentUnknown(ContentUnknown.Kind.BLOB, key + " has no " + digest + ": " + message);
            case Unavailable<Long>(UpstreamFailure failure) -> {
                access.notGiven(registry, key, failure, request.caller());
                throw failure;
            }
        };
    }

    private RegistryResponse filling(Route.Blob route, RegistryRequest request, FillReader reader, Deadline deadline)
            throws InterruptedException {
        boolean handedOn = false;
        try {
            long size = reader.awaitSize(deadline);
            ByteRange.Span span = request.range().within(size);
            reader.range(span.from(), span.to(), deadline);
            handedOn = true;
            boolean partial = request.partial(size);
            return new RegistryResponse(
                    partial,
                    Headers.blob(route.digest(), partial, span, size),
                    new Body.Filling(reader, span.length()),
                    reader.joined() ? Outcome.JOINED : Outcome.UPSTREAM);
        } finally {
            if (!handedOn) {
                reader.close();
            }
        }
    }
}
