package dev.larder.nodecache.oci;

import dev.larder.nodecache.error.InvalidRequest;
import java.util.regex.Pattern;

/** A name for a manifest that its owner may move. */
public record Tag(String value) {

    private static final Pattern GRAMMAR = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

    public Tag {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new InvalidRequest(
                    InvalidRequest.Kind.TAG,
                    "not a tag: 1 to 128 of letters, digits, '_', '.' and '-', not starting with '.' or '-'");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
