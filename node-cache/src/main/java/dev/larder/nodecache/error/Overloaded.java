package dev.larder.nodecache.error;

/** A bound of this process was reached; the client should go on to the upstream. */
public final class Overloaded extends CacheException {

    private static final long serialVersionUID = 1L;

    /** @param limit the config key of the bound */
    public Overloaded(String limit, int value) {
        super("the node cache is at its bound " + limit + " = " + value + "; raise it or pull less at once", null);
    }
}
