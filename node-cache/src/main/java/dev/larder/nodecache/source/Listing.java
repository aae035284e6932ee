package dev.larder.nodecache.source;

import java.util.Map;

/**
 * A list as the source gave it.
 *
 * @param headers those that belong to the list: Content-Type, OCI-Filters-Applied, and Link without a host
 */
@SuppressWarnings("ArrayRecordComponent") // compared by nobody; a copy per request would be waste
public record Listing(Map<String, String> headers, byte[] bytes) {

    public Listing {
        headers = Map.copyOf(headers);
    }
}
