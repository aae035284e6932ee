package dev.larder.nodecache.evict;

/**
 * How much the store may hold.
 *
 * @param sizeBytes of content
 * @param minFreeBytes to be left on the file system, whoever uses the rest
 */
public record StorageBudget(long sizeBytes, long minFreeBytes) {

    /** How many bytes must go before {@code incoming} more may come; not positive when there is room. */
    public long excess(long usedBytes, long freeBytes, long incoming) {
        return Math.max(usedBytes + incoming - sizeBytes, minFreeBytes + incoming - freeBytes);
    }
}
