package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.fill.FillCoordinator;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.ListingRequest;
import dev.larder.nodecache.store.DiskBlobStore;
import dev.larder.nodecache.store.ManifestStore;
import dev.larder.nodecache.store.RepositoryStore;
import dev.larder.nodecache.store.SmallBlobs;
import dev.larder.nodecache.store.StoredImages;
import dev.larder.nodecache.store.TagStore;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Answers requests: the map of the program. Blocks the calling (virtual) thread, save where it says that it does not; an
 * interrupt means the client has gone.
 */
public final class RegistryService {

    private static final Duration ABSENT_FOR = Duration.ofSeconds(3);
    private static final int MAX_ABSENT = 4096;
    private static final int MAX_CHALLENGES = 4096;

    private final RegistryDirectory directory;
    private final PullAccess access;
    private final ManifestHandler manifestHandler;
    private final BlobHandler blobHandler;
    private final ListHandler listHandler;

    /** What the upstream did not have for a caller without credentials, a moment ago. */
    private final BriefMemory<Route, ContentUnknown> absent;

    /**
     * What the upstream said to callers that showed nothing. It is said again where somebody was let in not long ago, so
     * that who may have the content is asked for its token without the upstream. To a repository opened meanwhile an
     * anonymous token leads, which is asked upstream.
     */
    private final BriefMemory<Challenged, UpstreamFailure> challenges;

    /** A repository under the rules of one configuration. */
    private record Challenged(CachedRegistry registry, RepositoryKey repository) {}

    /** Where content is kept. */
    public record Stores(DiskBlobStore blobs, ManifestStore manifests, RepositoryStore repositories, TagStore tags) {}

    /** @param threads one thread a task */
    public RegistryService(
            RegistryDirectory directory, Stores stores, FillCoordinator fills, Clock clock, Executor threads) {
        this.directory = directory;
        this.access = new PullAccess(stores.repositories(), clock);
        TagMemory tags = new TagMemory(stores.tags(), new StoredImages(stores.blobs()));
        TagResolver resolver = new TagResolver(tags, access, clock, threads);
        this.manifestHandler = new ManifestHandler(stores.manifests(), resolver, access, threads);
        this.listHandler = new ListHandler(access, clock, threads);
        this.blobHandler = new BlobHandler(stores.blobs(), new SmallBlobs(stores.blobs()), fills, access);
        this.absent = new BriefMemory<>(clock, ABSENT_FOR, MAX_ABSENT);
        this.challenges = new BriefMemory<>(clock, Verdicts.LONGEST, MAX_CHALLENGES);
    }

    /**
     * The answer, when it is known here: what {@link #serve} would give, by the same handlers, found without waiting for
     * the disk, an upstream or another request. So an event loop may ask for it. Empty says nothing about the answer.
     *
     * @throws CacheException when it is known here that the request cannot be served
     */
    public Optional<RegistryResponse> serveNow(RegistryRequest request) {
        if (!(request.route() instanceof Route.InRepository route)) {
            // The hosts writer's probe is to show that the threads get on, too.
            return Optional.empty();
        }
        CachedRegistry registry = admitted(route, request);
        return switch (route) {
            case Route.Manifest manifest -> manifestHandler.serveNow(registry, manifest, request);
            case Route.Blob blob -> blobHandler.serveNow(registry, blob, request);
            case Route.Tags _, Route.Referrers _ -> Optional.empty();
        };
    }

    /** @throws CacheException when the request cannot be served */
    public RegistryResponse serve(RegistryRequest request) throws InterruptedException {
        if (!(request.route() instanceof Route.InRepository route)) {
            byte[] empty = "{}".getBytes(StandardCharsets.UTF_8);
            return new RegistryResponse(
                    Map.of("Content-Type", "application/json", "Docker-Distribution-Api-Version", "registry/2.0"),
                    request.head() ? new Body.Empty(empty.length) : new Body.Bytes(empty),
                    Outcome.HIT);
        }
        CachedRegistry registry = admitted(route, request);
        boolean anonymous = request.caller().equals(Caller.ANONYMOUS);
        try {
            return serve(registry, route, request);
        } catch (ContentUnknown e) {
            if (anonymous) {
                absent.put(route, e);
            }
            throw e;
        } catch (UpstreamFailure e) {
            if (anonymous && !e.challenges().isEmpty()) {
                challenges.put(new Challenged(registry, route.repository()), e);
            }
            throw e;
        }
    }

    /** The registry, unless the request is not for us or what it asks for was just refused to another that shows nothing. */
    private CachedRegistry admitted(Route.InRepository route, RegistryRequest request) {
        CachedRegistry registry = registry(route.repository());
        if (request.caller().equals(Caller.ANONYMOUS)) {
            refuseWhatWasRefused(registry, route);
        }
        return registry;
    }

    /** @throws CacheException what the upstream said a while ago to another caller that showed nothing either */
    private void refuseWhatWasRefused(CachedRegistry registry, Route.InRepository route) {
        Optional<ContentUnknown> known = absent.find(route);
        if (known.isPresent()) {
            throw known.get();
        }
        Optional<UpstreamFailure> challenge = challenges.find(new Challenged(registry, route.repository()));
        if (challenge.isPresent() && access.isClosed(registry, route.repository())) {
            throw challenge.get();
        }
    }

    private RegistryResponse serve(CachedRegistry registry, Route.InRepository route, RegistryRequest request)
            throws InterruptedException {
        return switch (route) {
            case Route.Manifest manifest -> manifestHandler.serve(registry, manifest, request);
            case Route.Blob blob -> blobHandler.serve(registry, blob, request);
            case Route.Tags tags ->
                list(
                        registry,
                        request,
                        tags,
                        new ListingRequest.Tags(tags.repository().repository(), tags.query()));
            case Route.Referrers referrers ->
                list(
                        registry,
                        request,
                        referrers,
                        new ListingRequest.Referrers(
                                referrers.repository().repository(), referrers.subject(), referrers.query()));
        };
    }

    private CachedRegistry registry(RepositoryKey key) {
        CachedRegistry registry = directory
                .find(key.registry())
                .orElseThrow(() -> new ContentUnknown(
                        ContentUnknown.Kind.REGISTRY,
                        "this node cache does not serve " + key.registry() + "; it serves "
                                + String.join(", ", directory.hosts()) + ". Add it under registries"));
        if (!registry.serves(key.repository())) {
            throw new ContentUnknown(
                    ContentUnknown.Kind.REPOSITORY,
                    "the rules in registries[" + key.registry() + "].repositories leave " + key.repository() + " out");
        }
        return registry;
    }

    private RegistryResponse list(
            CachedRegistry registry, RegistryRequest request, Route.InRepository route, ListingRequest wanted)
            throws InterruptedException {
        return listHandler.serve(registry, new ListHandler.Page(route.repository(), wanted), request);
    }
}
