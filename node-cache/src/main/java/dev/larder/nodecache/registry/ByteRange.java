package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.InvalidRequest;

/**
 * One byte range as asked for, before the size is known.
 *
 * @param first -1 for a suffix: the last {@code last} bytes
 * @param last inclusive; -1 for to the end
 */
public record ByteRange(long first, long last) {

    public static final ByteRange ALL = new ByteRange(0, -1);

    /** From inclusive, to exclusive. */
    public record Span(long from, long to) {
        public long length() {
            return to - from;
        }
    }

    /** @throws InvalidRequest when nothing of a content of this size lies in the range */
    public Span within(long size) {
        if (first < 0) {
            if (last == 0 || size == 0) {
                throw unsatisfiable(size);
            }
            return new Span(Math.max(0, size - last), size);
        }
        if (this.equals(ALL)) {
            return new Span(0, size);
        }
        if (first >= size || (last >= 0 && last < first)) {
            throw unsatisfiable(size);
        }
        return new Span(first, last < 0 ? size : Math.min(size, last + 1));
    }

    private static InvalidRequest unsatisfiable(long size) {
        return new InvalidRequest(InvalidRequest.Kind.RANGE, "the range lies outside the content's " + size + " bytes");
    }
}
