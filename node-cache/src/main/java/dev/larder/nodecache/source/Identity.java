package dev.larder.nodecache.source;

import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Somebody, as far as it can be told by what they show: a keyed hash of it ({@link Identities}), which tells nothing about
 * what was shown to who lacks the key.
 *
 * @param high the first half of 128 bits
 */
public record Identity(long high, long low) {

    private static final Pattern HEX = Pattern.compile("[0-9a-f]{32}");

    /** Empty when it is not 32 hexadecimal digits in lower case. */
    public static Optional<Identity> parse(String hex) {
        return HEX.matcher(hex).matches()
                ? Optional.of(new Identity(
                        HexFormat.fromHexDigitsToLong(hex, 0, 16), HexFormat.fromHexDigitsToLong(hex, 16, 32)))
                : Optional.empty();
    }

    public String hex() {
        return HexFormat.of().toHexDigits(high) + HexFormat.of().toHexDigits(low);
    }

    /** It says who comes back, so it is not for logs. */
    @Override
    public String toString() {
        return "somebody";
    }
}
