package dev.larder.nodecache.http;

import dev.larder.nodecache.registry.ByteRange;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Range header (RFC 9110, section 14). One range of bytes is honoured; several, other units and nonsense are ignored,
 * as the RFC allows, so that the whole is answered.
 */
final class RangeHeader {

    private static final Pattern ONE = Pattern.compile("bytes=\\s*+(\\d{0,18})-(\\d{0,18})\\s*+");

    private RangeHeader() {}

    static Optional<ByteRange> parse(@Nullable String header) {
        if (header == null) {
            return Optional.empty();
        }
        Matcher range = ONE.matcher(header);
        if (!range.matches() || (range.group(1).isEmpty() && range.group(2).isEmpty())) {
            return Optional.empty();
        }
        long first = range.group(1).isEmpty() ? -1 : Long.parseLong(range.group(1));
        long last = range.group(2).isEmpty() ? -1 : Long.parseLong(range.group(2));
        return Optional.of(new ByteRange(first, last));
    }
}
