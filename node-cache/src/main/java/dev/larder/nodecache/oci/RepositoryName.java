package dev.larder.nodecache.oci;

import dev.larder.nodecache.error.InvalidRequest;

/** A repository's name by the specification's grammar, so that it is also a safe relative path. */
public record RepositoryName(String value) {

    private static final int MAX_LENGTH = 255;

    public RepositoryName {
        if (value.length() > MAX_LENGTH || !isName(value)) {
            throw new InvalidRequest(
                    InvalidRequest.Kind.NAME,
                    "not a repository name: at most 255 of lower-case letters, digits and single separators, as in"
                            + " library/nginx");
        }
    }

    /** Words of letters and digits; between two of them '/', '.', '_', '__', or any number of '-'. */
    private static boolean isName(String text) {
        int at = 0;
        while (true) {
            int word = at;
            while (at < text.length() && isLetterOrDigit(text.charAt(at))) {
                at++;
            }
            if (at == word) {
                return false;
            }
            if (at == text.length()) {
                return true;
            }
            char separator = text.charAt(at++);
            switch (separator) {
                case '/', '.' -> {}
                case '_' -> at += text.startsWith("_", at) ? 1 : 0;
                case '-' -> {
                    while (text.startsWith("-", at)) {
                        at++;
                    }
                }
                default -> {
                    return false;
                }
            }
        }
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    @Override
    public String toString() {
        return value;
    }
}
