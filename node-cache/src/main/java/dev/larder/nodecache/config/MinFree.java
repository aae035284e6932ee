package dev.larder.nodecache.config;

/** How much of the file system must stay free: a share of it or a number of bytes. */
public sealed interface MinFree {

    /**
     * The bound in bytes on a file system of this size.
     *
     * @param totalBytes the file system's whole size
     */
    long bytesOf(long totalBytes);

    /** @param percent 0 to 99 */
    record Percent(int percent) implements MinFree {
        public Percent {
            if (percent < 0 || percent > 99) {
                throw new IllegalArgumentException("a share is from 0% to 99%");
            }
        }

        @Override
        public long bytesOf(long totalBytes) {
            return totalBytes / 100 * percent;
        }
    }

    /** @param size the same on every file system */
    record Bytes(DataSize size) implements MinFree {
        @Override
        public long bytesOf(long totalBytes) {
            return size.bytes();
        }
    }

    /**
     * Reads {@code 15%} or a size such as {@code 5Gi}.
     *
     * @throws IllegalArgumentException when the text is neither
     */
    static MinFree parse(String text) {
        if (!text.endsWith("%")) {
            return new Bytes(DataSize.parse(text));
        }
        try {
            return new Percent(Integer.parseInt(text.substring(0, text.length() - 1)));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not a whole number of percent", e);
        }
    }
}
