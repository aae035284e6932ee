package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.IntegrityFailure;
import dev.larder.nodecache.error.StoreFailure;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.FetchedManifest;
import dev.larder.nodecache.source.SingleFlight;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Audience;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import dev.larder.nodecache.store.ManifestStore;
import dev.larder.nodecache.store.ManifestStore.StoredManifest;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Manifests by tag and by digest (end-3). What is fetched is verified and kept before anyone gets it. */
final class ManifestHandler {

    private static final Logger LOG = LoggerFactory.getLogger(ManifestHandler.class);

    private final ManifestStore manifests;
    private final TagResolver resolver;
    private final FrozenTags frozen;
    private final PullAccess access;
    private final SingleFlight<Fetch, StoredManifest> fetches;

    private record Fetch(RepositoryKey key, Digest digest, Caller caller) {
        @Override
        public String toString() {
            return key + "@" + digest;
        }
    }

    ManifestHandler(
            ManifestStore manifests, TagResolver resolver, FrozenTags frozen, PullAccess access, Executor threads) {
        this.manifests = manifests;
        this.resolver = resolver;
        this.frozen = frozen;
        this.access = access;
        this.fetches = new SingleFlight<>(threads);
    }

    /** The answer, when it is in memory and nobody needs to be asked for it. */
    Optional<RegistryResponse> serveNow(CachedRegistry registry, Route.Manifest route, RegistryRequest request) {
        RepositoryKey key = route.repository();
        return switch (frozen.meaning(route.repository(), route.reference())) {
            case Reference.ByTag(Tag tag) ->
                resolver.resolveNow(registry, question(key, tag, request)).flatMap(resolved -> manifests
                        .findNow(resolved.descriptor().digest())
                        .map(stored -> answer(resolved, stored, request)));
            case Reference.ByDigest(Digest digest) ->
                manifests
                        .findNow(digest)
                        .filter(stored -> access.isKnown(registry, key, digest, request.caller()))
                        .map(stored -> answer(digest, stored, request, Outcome.HIT));
        };
    }

    private static TagResolver.Question question(RepositoryKey key, Tag tag, RegistryRequest request) {
        return new TagResolver.Question(key, tag, request.accept(), request.caller());
    }

    RegistryResponse serve(CachedRegistry registry, Route.Manifest route, RegistryRequest request)
            throws InterruptedException {
        return switch (frozen.meaning(route.repository(), route.reference())) {
            case Reference.ByTag(Tag tag) -> byTag(registry, route.repository(), tag, request);
            case Reference.ByDigest(Digest digest) -> byDigest(registry, route.repository(), digest, request);
        };
    }

    private RegistryResponse byTag(CachedRegistry registry, RepositoryKey key, Tag tag, RegistryRequest request)
            throws InterruptedException {
        TagResolver.Question question = question(key, tag, request);
        TagResolver.Resolved resolved = resolver.resolve(registry, question);
        Digest digest = resolved.descriptor().digest();
        Optional<StoredManifest> stored = manifests.find(digest);
        if (stored.isPresent()) {
            return answer(resolved, stored.get(), request);
        }
        if (request.head() && !resolved.moved()) {
            Descriptor descriptor = resolved.descriptor();
            return answer(resolved, descriptor.mediaType(), new Body.Empty(descriptor.size()));
        }
        try {
            Caller caller = request.caller().frugally(resolved.moved() && resolver.canDoWithout(registry, question));
            StoredManifest manifest = fetch(registry, key, digest, request.accept(), caller);
            return answer(resolved.from(Outcome.UPSTREAM), manifest, request);
        } catch (CacheException e) {
            TagResolver.Resolved old = resolver.insteadOf(registry, question, e);
            StoredManifest manifest = manifests.find(old.descriptor().digest()).orElseThrow(() -> e);
            return answer(old, manifest, request);
        }
    }

    private static RegistryResponse answer(
            TagResolver.Resolved resolved, StoredManifest manifest, RegistryRequest request) {
        return answer(resolved, manifest.mediaType(), body(manifest, request));
    }

    private static RegistryResponse answer(TagResolver.Resolved resolved, MediaType type, Body body) {
        Map<String, String> headers = Headers.of(type, resolved.descriptor().digest());
        Headers.age(headers, resolved.age(), resolved.staleness());
        return new RegistryResponse(headers, body, resolved.outcome());
    }

    private static Body body(StoredManifest manifest, RegistryRequest request) {
        return request.head() ? new Body.Empty(manifest.bytes().length) : new Body.Bytes(manifest.bytes());
    }

    private RegistryResponse byDigest(
            CachedRegistry registry, RepositoryKey key, Digest digest, RegistryRequest request)
            throws InterruptedException {
        Optional<StoredManifest> stored = manifests.find(digest);
        if (stored.isPresent()) {
            access.check(
                    registry,
                    key,
                    digest,
                    request.caller(),
                    Deadline.in(registry.policy().firstByteCold()),
                    () -> head(registry, key, digest, request.accept(), request.caller()));
            return answer(digest, stored.get(), request, Outcome.HIT);
        }
        if (request.head()) {
            Descriptor descriptor = found(
                    registry,
                    key,
                    digest,
                    request.caller(),
                    head(registry, key, digest, request.accept(), request.caller()));
            return new RegistryResponse(Headers.of(descriptor), new Body.Empty(descriptor.size()), Outcome.UPSTREAM);
        }
        return answer(
                digest, fetch(registry, key, digest, request.accept(), request.caller()), request, Outcome.UPSTREAM);
    }

    private static RegistryResponse answer(
            Digest digest, StoredManifest manifest, RegistryRequest request, Outcome outcome) {
        return new RegistryResponse(Headers.of(manifest.mediaType(), digest), body(manifest, request), outcome);
    }

    private static SourceResult<Descriptor> head(
            CachedRegistry registry, RepositoryKey key, Digest digest, Accept accept, Caller caller)
            throws InterruptedException {
        return registry.source()
                .headManifest(
                        key.repository(),
                        new Reference.ByDigest(digest),
                        accept,
                        caller,
                        Deadline.in(registry.policy().firstByteCold()));
    }

    private StoredManifest fetch(
            CachedRegistry registry, RepositoryKey key, Digest digest, Accept accept, Caller caller)
            throws InterruptedException {
        return fetches.get(
                new Fetch(key, digest, caller), Deadline.in(registry.policy().firstByteCold()), () -> {
                    Optional<StoredManifest> meanwhile = manifests.find(digest);
                    if (meanwhile.isPresent()) {
                        access.check(
                                registry,
                                key,
                                digest,
                                caller,
                                Deadline.in(registry.policy().firstByteCold()),
                                () -> head(registry, key, digest, accept, caller));
                        return meanwhile.get();
                    }
                    FetchedManifest fetched = found(
                            registry,
                            key,
                            digest,
                            caller,
                            registry.source()
                                    .getManifest(
                                            key.repository(),
                                            new Reference.ByDigest(digest),
                                            accept,
                                            caller,
                                            Deadline.in(registry.policy().firstByteCold())));
                    return keep(key, digest, fetched);
                });
    }

    private StoredManifest keep(RepositoryKey key, Digest digest, FetchedManifest fetched) {
        Digest actual = digest.of(fetched.bytes());
        if (!actual.equals(digest)) {
            throw new IntegrityFailure(key.registry().value(), digest.toString(), actual.toString());
        }
        StoredManifest manifest = new StoredManifest(fetched.mediaType(), fetched.bytes());
        try {
            manifests.put(digest, manifest);
        } catch (StoreFailure e) {
            // The pull goes on without the disk.
            LOG.atWarn()
                    .addKeyValue("digest", digest)
                    .addKeyValue("cause", e.getMessage())
                    .log("manifest not kept");
        }
        return manifest;
    }

    private <T> T found(
            CachedRegistry registry, RepositoryKey key, Digest digest, Caller caller, SourceResult<T> result) {
        return switch (result) {
            case Found<T>(T value, Audience audience) -> {
                access.saw(registry, key, digest, audience, caller);
                yield value;
            }
            case NotFound<T>(String message) -> throw unknown(key + " has no manifest " + digest + ": " + message);
            case Unavailable<T>(UpstreamFailure failure) -> {
                access.notGiven(registry, key, failure, caller);
                throw failure;
            }
        };
    }

    private static CacheException unknown(String message) {
        return new ContentUnknown(ContentUnknown.Kind.MANIFEST, message);
    }
}
