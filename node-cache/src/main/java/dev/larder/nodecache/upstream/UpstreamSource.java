package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.BlobStream;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.ContentSource;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.FetchedManifest;
import dev.larder.nodecache.source.Listing;
import dev.larder.nodecache.source.ListingRequest;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Found;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** One upstream registry as a {@code ContentSource}: turns each call into an {@code Endpoint} and reads its answer. */
public final class UpstreamSource implements ContentSource, AutoCloseable {

    /** containerd takes no manifest above 4 MiB either. */
    private static final int MAX_MANIFEST = 4 << 20;

    private final UpstreamSettings settings;
    private final UpstreamClient client;
    private final UpstreamExchange exchange;
    private final UpstreamHealth health;

    UpstreamSource(UpstreamSettings settings, UpstreamClient client, UpstreamExchange exchange, UpstreamHealth health) {
        this.settings = settings;
        this.client = client;
        this.exchange = exchange;
        this.health = health;
    }

    public UpstreamSettings settings() {
        return settings;
    }

    public UpstreamHealth health() {
        return health;
    }

    /** Whether the upstream is not asked at present, since it failed several times in a row. */
    public boolean isLeftAlone() {
        return exchange.isLeftAlone();
    }

    @Override
    public Optional<RepositoryName> nameInTokens(RepositoryName repository) {
        return settings.pathPrefix().isEmpty() ? Optional.of(repository) : Optional.empty();
    }

    @Override
    public SourceResult<Descriptor> headManifest(
            RepositoryName repository, Reference reference, Accept accept, Caller caller, Deadline deadline)
            throws InterruptedException {
        Endpoint endpoint = Endpoint.manifest(Endpoint.HEAD, settings.pathPrefix(), repository, reference, accept);
        SourceResult<Optional<Descriptor>> head =
                exchange.call(endpoint, repository, caller, 0, deadline, response -> describe(reference, response));
        return switch (head) {
            case Found<Optional<Descriptor>>(Optional<Descriptor> descriptor, var audience)
            when descriptor.isPresent() -> new Found<>(descriptor.get(), audience);
            // Some registries answer HEAD without digest or length; the manifest itself has both.
            case Found<Optional<Descriptor>> _ ->
                described(getManifest(repository, reference, accept, caller, deadline), reference);
            case SourceResult.NotFound<Optional<Descriptor>>(String message) -> new SourceResult.NotFound<>(message);
            case SourceResult.Unavailable<Optional<Descriptor>>(UpstreamFailure failure) ->
                new SourceResult.Unavailable<>(failure);
        };
    }

    private static Optional<Descriptor> describe(Reference reference, UpstreamResponse response) {
        OptionalLong length = response.contentLength();
        Optional<String> type = response.header("content-type");
        Optional<String> digest = reference instanceof Reference.ByDigest(Digest known)
                ? Optional.of(known.toString())
                : response.header("docker-content-digest");
        if (length.isEmpty() || length.getAsLong() == 0 || type.isEmpty() || digest.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new Descriptor(MediaType.parse(type.get()), Digest.parse(digest.get()), length.getAsLong()));
    }

    private static SourceResult<Descriptor> described(SourceResult<FetchedManifest> result, Reference reference) {
        return switch (result) {
            case Found<FetchedManifest>(FetchedManifest manifest, var audience) -> {
                Digest digest = reference instanceof Reference.ByDigest(Digest known)
                        ? known.of(manifest.bytes())
                        : Digest.sha256(manifest.bytes());
                yield new Found<>(new Descriptor(manifest.mediaType(), digest, manifest.bytes().length), audience);
            }
            case SourceResult.NotFound<FetchedManifest>(String message) -> new SourceResult.NotFound<>(message);
            case SourceResult.Unavailable<FetchedManifest>(UpstreamFailure failure) ->
                new SourceResult.Unavailable<>(failure);
        };
    }

    @Override
    public SourceResult<FetchedManifest> getManifest(
            RepositoryName repository, Reference reference, Accept accept, Caller caller, Deadline deadline)
            throws InterruptedException {
        Endpoint endpoint = Endpoint.manifest(Endpoint.GET, settings.pathPrefix(), repository, reference, accept);
        return exchange.call(endpoint, repository, caller, 0, deadline, response -> {
            String type = response.header("content-type").orElse(MediaType.OCTET_STREAM.value());
            return new FetchedManifest(MediaType.parse(type), response.body().readAll(MAX_MANIFEST, deadline));
        });
    }

    @Override
    public SourceResult<Long> headBlob(RepositoryName repository, Digest digest, Caller caller, Deadline deadline)
            throws InterruptedException {
        Endpoint endpoint = Endpoint.blob(Endpoint.HEAD, settings.pathPrefix(), repository, digest);
        return exchange.call(endpoint, repository, caller, 0, deadline, response -> response.contentLength()
                .orElseThrow(() -> new UpstreamFailure(
                        UpstreamFailure.Kind.MALFORMED,
                        response.host(),
                        response.host() + " gave no length for " + digest)));
    }

    @Override
    public SourceResult<BlobStream> openBlob(
            RepositoryName repository, Digest digest, long offset, Caller caller, Deadline deadline)
            throws InterruptedException {
        Endpoint endpoint = Endpoint.blob(Endpoint.GET, settings.pathPrefix(), repository, digest);
        return exchange.open(
                endpoint,
                repository,
                caller,
                offset,
                deadline,
                response -> UpstreamBlob.of(response, offset, settings.idle()));
    }

    @Override
    public SourceResult<Listing> list(ListingRequest request, Caller caller, Deadline deadline)
            throws InterruptedException {
        Endpoint endpoint = Endpoint.list(settings.pathPrefix(), request);
        return exchange.call(endpoint, request.repository(), caller, 0, deadline, response -> {
            Map<String, String> headers = new TreeMap<>();
            response.header("content-type").ifPresent(type -> headers.put("Content-Type", type));
            response.header("oci-filters-applied").ifPresent(names -> headers.put("OCI-Filters-Applied", names));
            response.header("link").ifPresent(link -> headers.put("Link", withoutHost(link)));
            return new Listing(headers, response.body().readAll(MAX_MANIFEST, deadline));
        });
    }

    /** The next page is asked of us, under the names the client uses. */
    private String withoutHost(String link) {
        String relative = link.replaceFirst("<https?://[^/>]*", "<");
        return settings.pathPrefix().isEmpty()
                ? relative
                : relative.replaceFirst("</v2/" + java.util.regex.Pattern.quote(settings.pathPrefix()) + "/", "</v2/");
    }

    @Override
    public void close() {
        client.close();
    }
}
