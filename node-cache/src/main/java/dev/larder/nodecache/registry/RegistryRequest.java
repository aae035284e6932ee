package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.source.Caller;

/**
 * A request as values.
 *
 * @param head whether only the head of the answer is wanted
 * @param ranged whether a range was asked for; then even the whole is answered as a part
 */
public record RegistryRequest(
        Route route, boolean head, Accept accept, ByteRange range, boolean ranged, Caller caller) {}
