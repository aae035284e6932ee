package dev.larder.nodecache.store;

import dev.larder.nodecache.oci.Digest;
import java.time.Instant;

/** One blob of the store at one moment. */
public record StoredBlob(Digest digest, long size, Instant lastUsed, boolean leased) {}
