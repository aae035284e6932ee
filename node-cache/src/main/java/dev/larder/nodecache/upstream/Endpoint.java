package dev.larder.nodecache.upstream;

import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.ListingRequest;

/**
 * One call of the distribution specification as a value: end-2 (blobs), end-3 (manifests), end-8 (tags), end-12
 * (referrers).
 *
 * @param path from {@code /v2/} on, prefix and query included
 */
record Endpoint(String method, String path, String accept) {

    static final String HEAD = "HEAD";
    static final String GET = "GET";
    static final String POST = "POST";

    static Endpoint manifest(
            String method, String prefix, RepositoryName repository, Reference reference, Accept accept) {
        return new Endpoint(method, at(prefix, repository) + "/manifests/" + reference, accept.header());
    }

    static Endpoint blob(String method, String prefix, RepositoryName repository, Digest digest) {
        return new Endpoint(method, at(prefix, repository) + "/blobs/" + digest, "*/*");
    }

    static Endpoint list(String prefix, ListingRequest request) {
        String query = request.query().isEmpty() ? "" : "?" + request.query();
        return switch (request) {
            case ListingRequest.Tags tags ->
                new Endpoint(GET, at(prefix, tags.repository()) + "/tags/list" + query, "application/json");
            case ListingRequest.Referrers referrers ->
                new Endpoint(
                        GET,
                        at(prefix, referrers.repository()) + "/referrers/" + referrers.subject() + query,
                        MediaType.OCI_INDEX.value());
        };
    }

    /** Whether the answer's body is a blob's. */
    boolean isContent() {
        return method.equals(GET) && path.contains("/blobs/");
    }

    boolean isHead() {
        return method.equals(HEAD);
    }

    /** Whether an upstream's count of requests may go down by it; blobs come with the manifests that name them. */
    boolean isMeasured() {
        return !path.contains("/blobs/");
    }

    /** By what an upstream counts it. */
    RateLimit.Kind counted() {
        return path.contains("/manifests/") ? RateLimit.Kind.MANIFEST : RateLimit.Kind.OTHER;
    }

    private static String at(String prefix, RepositoryName repository) {
        return "/v2/" + (prefix.isEmpty() ? "" : prefix + "/") + repository;
    }
}
