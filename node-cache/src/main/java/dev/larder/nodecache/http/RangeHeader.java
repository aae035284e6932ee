package dev.larder.nodecache.http;

import dev.larder.nodecache.registry.ByteRange;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The Range header (RFC 9110, section 14). One range of bytes is honoured; several, other units and nonsense are ignored,
 * as the RFC allows, so that the whole is answered.
 */
final class RangeHeader {

    /** The unit's case does not matter (section 14.1). */
    private static final Pattern ONE = Pattern.compile("(?i:bytes)=\\s*+(\\d*+)-(\\d*+)\\s*+");

    private static final int LONG_DIGITS = 18;

    private RangeHeader() {}

    /** @param headers every Range header of the request; a request with more than one has none that counts */
    static Optional<ByteRange> parse(List<String> headers) {
        if (headers.size() != 1) {
            return Optional.empty();
        }
        Matcher range = ONE.matcher(headers.getFirst());
        if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(new ByteRange(number(range.group(1)), number(range.group(2))));
    }

    /** A number beyond every content's size is as good as the largest. */
    private static long number(String digits) {
        if (digits.isEmpty()) {
            return -1;
        }
        String significant = digits.replaceFirst("^0++(?=\\d)", "");
        return significant.length() > LONG_DIGITS ? Long.MAX_VALUE : Long.parseLong(significant);
    }
}
