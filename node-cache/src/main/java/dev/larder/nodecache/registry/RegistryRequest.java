package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.source.Caller;

/**
 * A request as values.
 *
 * @param head whether only the head of the answer is wanted
 * @param ranged whether a range is asked for; then even the whole is answered as a part. Never with {@code head}: a range
 *     means something for GET only (RFC 9110, section 14.2)
 * @param bytesPerSecond the most that a blob is fetched with while nobody else asks for it; {@link #AT_ONCE}: no bound
 */
public record RegistryRequest(
        Route route, boolean head, Accept accept, ByteRange range, boolean ranged, Caller caller, long bytesPerSecond) {

    /** As whoever waits for it wants it. */
    public static final long AT_ONCE = 0;

    /** The same of another caller. */
    RegistryRequest by(Caller other) {
        return new RegistryRequest(route, head, accept, range, ranged, other, bytesPerSecond);
    }

    /** Whether the answer is a part: there is none of an empty content. */
    boolean partial(long size) {
        return ranged && size > 0;
    }
}
