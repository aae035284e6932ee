package dev.larder.operator.mirroredimage;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.semver4j.Semver;

/** The version that a tag names: {@code 1.27}, {@code v1.27.3} or {@code 1.27.3-alpine}, missing numbers being zero. */
final class TagVersion {

    private static final int LONGEST = 128;
    private static final Pattern FORM =
            Pattern.compile("v?([0-9]{1,9})(?:[.]([0-9]{1,9}))?(?:[.]([0-9]{1,9}))?((?:[-+][0-9A-Za-z.-]{1,100})?)");

    private TagVersion() {}

    /** Empty for a tag that names none, such as latest. */
    static Optional<Semver> of(String tag) {
        Matcher matcher = FORM.matcher(tag);
        if (tag.length() > LONGEST || !matcher.matches()) {
            return Optional.empty();
        }
        String text = number(matcher.group(1)) + "." + number(matcher.group(2)) + "." + number(matcher.group(3))
                + matcher.group(4);
        return Optional.ofNullable(Semver.parse(text));
    }

    private static int number(@org.jspecify.annotations.Nullable String digits) {
        return digits == null ? 0 : Integer.parseInt(digits);
    }
}
