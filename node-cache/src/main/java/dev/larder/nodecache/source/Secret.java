package dev.larder.nodecache.source;

/** Text that must not reach a log: it never prints itself (SecretTest). */
public record Secret(String reveal) {

    @Override
    public String toString() {
        return "***";
    }
}
