package dev.larder.nodecache.source;

import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryName;

/** A list that is passed through. The query is the client's, without {@code ns}, still encoded; may be empty. */
public sealed interface ListingRequest {

    RepositoryName repository();

    String query();

    record Tags(RepositoryName repository, String query) implements ListingRequest {}

    record Referrers(RepositoryName repository, Digest subject, String query) implements ListingRequest {}
}
