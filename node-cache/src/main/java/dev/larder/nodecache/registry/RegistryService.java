package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.fill.FillCoordinator;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.ListingRequest;
import dev.larder.nodecache.source.SourcePolicy;
import dev.larder.nodecache.store.DiskBlobStore;
import dev.larder.nodecache.store.ManifestStore;
import dev.larder.nodecache.store.RepositoryStore;
import dev.larder.nodecache.store.TagStore;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Answers requests: the map of the program. Blocks the calling (virtual) thread; an interrupt means the client has gone.
 */
public final class RegistryService {

    private static final Duration ABSENT_FOR = Duration.ofSeconds(3);
    private static final int MAX_ABSENT = 4096;

    private final RegistryDirectory directory;
    private final ManifestHandler manifestHandler;
    private final BlobHandler blobHandler;
    private final ListHandler listHandler;

    /** What the upstream did not have for a caller without credentials, a moment ago. */
    private final BriefMemory<Route, ContentUnknown> absent;

    /** Where content is kept. */
    public record Stores(DiskBlobStore blobs, ManifestStore manifests, RepositoryStore repositories, TagStore tags) {}

    /** @param threads one thread a task */
    public RegistryService(
            RegistryDirectory directory,
            Stores stores,
            FillCoordinator fills,
            Supplier<SourcePolicy> policy,
            Clock clock,
            Executor threads) {
        this.directory = directory;
        PullAccess access = new PullAccess(stores.repositories(), clock);
        TagMemory tags = new TagMemory(stores.tags(), new StoredImages(stores.manifests(), stores.blobs()));
        TagResolver resolver = new TagResolver(tags, access, clock, policy, threads);
        this.manifestHandler = new ManifestHandler(stores.manifests(), resolver, access, policy, threads);
        this.listHandler = new ListHandler(access, clock, policy, threads);
        this.blobHandler = new BlobHandler(stores.blobs(), fills, access, policy);
        this.absent = new BriefMemory<>(clock, ABSENT_FOR, MAX_ABSENT);
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
        Optional<ContentUnknown> known = absent.find(route);
        if (known.isPresent() && request.caller().equals(Caller.ANONYMOUS)) {
            throw known.get();
        }
        try {
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
        } catch (ContentUnknown e) {
            if (request.caller().equals(Caller.ANONYMOUS)) {
                absent.put(route, e);
            }
            throw e;
        }
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
