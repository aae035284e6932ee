package dev.larder.nodecache.source;

import org.jspecify.annotations.Nullable;

/**
 * What a caller showed, and whom that makes it: two that show the same are the same. So maps of callers go by the keyed
 * hash, which is made once a request.
 *
 * @param authorization the whole header
 */
public record Shown(Identity identity, Secret authorization) {

    /** Whether it is a user with a password (RFC 7617); else, most often, a token. */
    public boolean isBasic() {
        return authorization.reveal().regionMatches(true, 0, "Basic ", 0, 6);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Shown shown && identity.equals(shown.identity);
    }

    @Override
    public int hashCode() {
        return identity.hashCode();
    }
}
