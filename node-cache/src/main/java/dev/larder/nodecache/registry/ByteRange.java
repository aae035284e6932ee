package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.RangeUnsatisfiable;

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

    /**
     * What of a content of this size is meant. No part of an empty content can be named in Content-Range, so there the
     * range means the whole.
     *
     * @throws RangeUnsatisfiable when nothing lies in the range
     */
    public Span within(long size) {
        if (size == 0) {
            return new Span(0, 0);
        }
        if (first < 0) {
            if (last == 0) {
                throw new RangeUnsatisfiable(size);
            }
            return new Span(Math.max(0, size - last), size);
        }
        if (first >= size || (last >= 0 && last < first)) {
            throw new RangeUnsatisfiable(size);
        }
        return new Span(first, last < 0 || last >= size ? size : last + 1);
    }
}
