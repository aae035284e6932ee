package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.fill.FillCoordinator;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.ListingRequest;
import dev.larder.nodecache.store.DiskBlobStore;
import dev.larder.nodecache.store.ManifestStore;
import dev.larder.nodecache.store.RepositoryStore;
import dev.larder.nodecache.store.SmallBlobs;
import dev.larder.nodecache.store.StoredImages;
import dev.larder.nodecache.store.TagStore;
import dev.larder.nodecache.store.VerdictFile;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Answers requests: the map of the program. Blocks the calling (virtual) thread, save where it says that it does not; an
 * interrupt means the client has gone.
 */
public final class RegistryService {

    private final RegistryDirectory directory;
    private final ManifestHandler manifestHandler;
    private final BlobHandler blobHandler;
    private final ListHandler listHandler;
    private final Refusals refusals;

    /** Where content is kept. */
    public record Stores(
            DiskBlobStore blobs,
            ManifestStore manifests,
            RepositoryStore repositories,
            TagStore tags,
            VerdictFile verdicts) {}

    /** @param threads one thread a task */
    public RegistryService(
            RegistryDirectory directory,
            Stores stores,
            FrozenTags frozen,
            FillCoordinator fills,
            Clock clock,
            Executor threads) {
        this.directory = directory;
        PullAccess access = new PullAccess(stores.repositories(), stores.verdicts(), clock, threads);
        TagMemory tags = new TagMemory(stores.tags(), new StoredImages(stores.blobs()));
        TagResolver resolver = new TagResolver(tags, access, clock, threads);
        this.manifestHandler = new ManifestHandler(stores.manifests(), resolver, frozen, access, threads);
        this.listHandler = new ListHandler(access, clock, threads);
        this.blobHandler = new BlobHandler(stores.blobs(), new SmallBlobs(stores.blobs()), fills, access);
        this.refusals = new Refusals(access, clock);
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
        CachedRegistry registry = registry(route.repository());
        RegistryRequest asked = registry.read(request);
        refusals.check(registry, route, asked.caller());
        return switch (route) {
            case Route.Manifest manifest -> manifestHandler.serveNow(registry, manifest, asked);
            case Route.Blob blob -> blobHandler.serveNow(registry, blob, asked);
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
        CachedRegistry registry = registry(route.repository());
        RegistryRequest asked = registry.read(request);
        refusals.check(registry, route, asked.caller());
        try {
            return serve(registry, route, asked);
        } catch (CacheException e) {
            throw refusals.of(registry, route, asked.caller(), e);
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
