package dev.larder.nodecache.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One upstream's own waits, each null where the general one holds.
 *
 * @param firstByte its part of a registry's {@code firstByteCold}, which grows when the parts are more than that together
 */
public record UpstreamTimeouts(
        @Nullable Duration connect,
        @Nullable Duration firstByte,
        @Nullable Duration idle) {

    public static final UpstreamTimeouts NONE = new UpstreamTimeouts(null, null, null);
}
