package dev.larder.nodecache.error;

/** Nothing of the content lies in the range that was asked for (RFC 9110, section 15.5.17). */
public final class RangeUnsatisfiable extends CacheException {

    private static final long serialVersionUID = 1L;

    private final long size;

    /** @param size of the whole content, in bytes */
    public RangeUnsatisfiable(long size) {
        super("the range lies outside the content's " + size + " bytes", null);
        this.size = size;
    }

    public long size() {
        return size;
    }
}
