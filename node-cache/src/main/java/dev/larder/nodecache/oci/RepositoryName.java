package dev.larder.nodecache.oci;

import dev.larder.nodecache.error.InvalidRequest;
import java.util.regex.Pattern;

/** A repository's name by the specification's grammar, so that it is also a safe relative path. */
public record RepositoryName(String value) {

    private static final int MAX_LENGTH = 255;
    // Possessive throughout: a long hostile name is refused in linear time.
    private static final Pattern GRAMMAR = Pattern.compile(
            "[a-z0-9]++(?:(?:\\.|__?|-++)[a-z0-9]++)*+(?:/[a-z0-9]++(?:(?:\\.|__?|-++)[a-z0-9]++)*+)*+");

    public RepositoryName {
        if (value.length() > MAX_LENGTH || !GRAMMAR.matcher(value).matches()) {
            throw new InvalidRequest(
                    InvalidRequest.Kind.NAME,
                    "not a repository name: at most 255 of lower-case letters, digits and single separators, as in"
                            + " library/nginx");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
