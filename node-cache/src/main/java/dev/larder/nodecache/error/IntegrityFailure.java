package dev.larder.nodecache.error;

/** The bytes that came are not the ones that were asked for; nothing of them was kept. */
public final class IntegrityFailure extends CacheException {

    private static final long serialVersionUID = 1L;

    private final String expected;
    private final String actual;

    public IntegrityFailure(String host, String expected, String actual) {
        super(
                host + " sent " + actual + " for " + expected + "; nothing was kept. Check that registry or the network"
                        + " between",
                null);
        this.expected = expected;
        this.actual = actual;
    }

    public String expected() {
        return expected;
    }

    public String actual() {
        return actual;
    }
}
