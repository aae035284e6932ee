package dev.larder.nodecache.source;

import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryName;
import java.util.Optional;

/**
 * One place to get a registry's content from. Every method blocks the calling (virtual) thread at most until its deadline
 * and says absence and trouble by its result; an interrupt abandons the call.
 */
public interface ContentSource {

    /** What tokens for this repository call it; empty when that cannot be said. */
    default Optional<RepositoryName> nameInTokens(RepositoryName repository) {
        return Optional.empty();
    }

    /** Which manifest the reference stands for now. */
    SourceResult<Descriptor> headManifest(
            RepositoryName repository, Reference reference, Accept accept, Caller caller, Deadline deadline)
            throws InterruptedException;

    /** The manifest's bytes, not yet checked against any digest that was asked for. */
    SourceResult<FetchedManifest> getManifest(
            RepositoryName repository, Reference reference, Accept accept, Caller caller, Deadline deadline)
            throws InterruptedException;

    /** The blob's size, if the caller may have it. */
    SourceResult<Long> headBlob(RepositoryName repository, Digest digest, Caller caller, Deadline deadline)
            throws InterruptedException;

    /**
     * The blob's bytes from {@code offset} on, or from the start where the source cannot begin in the middle:
     * {@link BlobStream#offset} says which. The deadline bounds the wait for the first byte only.
     */
    SourceResult<BlobStream> openBlob(
            RepositoryName repository, Digest digest, long offset, Caller caller, Deadline deadline)
            throws InterruptedException;

    /** A tag list or referrers, as they are. */
    SourceResult<Listing> list(ListingRequest request, Caller caller, Deadline deadline) throws InterruptedException;
}
