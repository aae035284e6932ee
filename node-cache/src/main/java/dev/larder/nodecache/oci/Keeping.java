package dev.larder.nodecache.oci;

import java.time.Duration;

/**
 * What a node does for a mirrored image before anybody asks for it.
 *
 * @param ahead whether it is fetched then, and kept
 * @param bytesPerSecond the most that is fetched then; 0: no bound
 * @param spread within which the fetch begins, at a moment of the node's own
 */
public record Keeping(boolean ahead, long bytesPerSecond, Duration spread) {

    /** Fetched at once, at full speed. */
    public static final Keeping ALWAYS = new Keeping(true, 0, Duration.ZERO);
}
