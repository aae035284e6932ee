package dev.larder.nodecache.oci;

import dev.larder.nodecache.error.InvalidRequest;
import java.util.Locale;
import java.util.regex.Pattern;

/** A registry as it stands in image names: {@code host[:port]}, lower case. Also a safe file name. */
public record RegistryHost(String value) {

    private static final int MAX_LENGTH = 262;
    private static final Pattern GRAMMAR =
            Pattern.compile("(?:[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?|\\[[0-9a-f:.]{2,45}])(?::[0-9]{1,5})?");

    public RegistryHost {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new InvalidRequest(
                    InvalidRequest.Kind.NAME, "not a registry: expected host or host:port as in image names");
        }
    }

    /** Upper case is accepted and lowered, since host names do not tell them apart. */
    public static RegistryHost parse(String text) {
        return new RegistryHost(lowered(text));
    }

    /** Whether text could be one, without the cost of an exception. */
    public static boolean isValid(String text) {
        return GRAMMAR.matcher(lowered(text)).matches();
    }

    /** What is too long anyway stays as it is: lowering costs the square of the length for some letters. */
    private static String lowered(String text) {
        return text.length() > MAX_LENGTH ? text : text.toLowerCase(Locale.ROOT);
    }

    @Override
    public String toString() {
        return value;
    }
}
