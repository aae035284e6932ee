package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import java.util.List;
import java.util.Optional;

/** Verified content by digest. Safe for many threads. */
public interface BlobStore {

    /** The content, kept from eviction until the lease is closed. */
    Optional<BlobLease> find(Digest digest);

    /**
     * A place to write a blob to. Several may be open for one digest; the first commit wins.
     *
     * @param size expected, or 0 when unknown; room is made for it
     * @throws dev.larder.nodecache.error.StoreFailure when there is no room or the disk fails
     */
    PartialBlob begin(Digest digest, long size);

    /** Whether the disk does not answer; {@link #begin} then refuses at once. */
    boolean hangs();

    /** Does nothing when it is absent or leased. */
    boolean delete(Digest digest);

    List<StoredBlob> list();
}
