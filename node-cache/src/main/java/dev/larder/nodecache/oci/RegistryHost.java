package dev.larder.nodecache.oci;

import dev.larder.nodecache.error.InvalidRequest;
import java.util.Locale;

/** A registry as it stands in image names: {@code host[:port]}, lower case. Also a safe file name. */
public record RegistryHost(String value) {

    private static final int MAX_LENGTH = 262;
    private static final int LONGEST_NAME = 254;
    private static final int SHORTEST_ADDRESS = 2;
    private static final int LONGEST_ADDRESS = 45;
    private static final int LONGEST_PORT = 5;

    public RegistryHost {
        if (!isHost(value)) {
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
        return isHost(lowered(text));
    }

    /** A name, or an IPv6 address in brackets; then perhaps a port. By hand, since every request has one. */
    private static boolean isHost(String text) {
        int end = text.startsWith("[") ? endOfAddress(text) : endOfName(text);
        return end > 0 && (end == text.length() || isPort(text, end));
    }

    private static int endOfName(String text) {
        int end = 0;
        while (end < text.length() && (isLetterOrDigit(text.charAt(end)) || isInner(text.charAt(end)))) {
            end++;
        }
        boolean valid = end > 0
                && end <= LONGEST_NAME
                && isLetterOrDigit(text.charAt(0))
                && isLetterOrDigit(text.charAt(end - 1));
        return valid ? end : 0;
    }

    private static int endOfAddress(String text) {
        int close = text.indexOf(']');
        int length = close - 1;
        if (length < SHORTEST_ADDRESS || length > LONGEST_ADDRESS) {
            return 0;
        }
        for (int i = 1; i < close; i++) {
            char c = text.charAt(i);
            if (!isDigit(c) && (c < 'a' || c > 'f') && c != ':' && c != '.') {
                return 0;
            }
        }
        return close + 1;
    }

    private static boolean isPort(String text, int colon) {
        int digits = text.length() - colon - 1;
        if (text.charAt(colon) != ':' || digits < 1 || digits > LONGEST_PORT) {
            return false;
        }
        for (int i = colon + 1; i < text.length(); i++) {
            if (!isDigit(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || isDigit(c);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isInner(char c) {
        return c == '.' || c == '-';
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
