package dev.larder.nodecache.oci;

import dev.larder.nodecache.error.InvalidRequest;

/** A name for a manifest that its owner may move. */
public record Tag(String value) {

    private static final int MAX_LENGTH = 128;

    public Tag {
        if (!isTag(value)) {
            throw new InvalidRequest(
                    InvalidRequest.Kind.TAG,
                    "not a tag: 1 to 128 of letters, digits, '_', '.' and '-', not starting with '.' or '-'");
        }
    }

    /** {@code [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}}, by hand, since every pull by tag has one. */
    private static boolean isTag(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH || text.charAt(0) == '.' || text.charAt(0) == '-') {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!word && c != '_' && c != '.' && c != '-') {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return value;
    }
}
