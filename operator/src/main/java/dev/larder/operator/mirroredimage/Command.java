package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.MirroredImage;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an annotation asks for, once.
 *
 * @param tag {@code *} for all
 * @param wanted {@code previous}, a digest, or empty for what was found
 */
record Command(String tag, String wanted) {

    static final String ALL = "*";
    static final String PREVIOUS = "previous";

    private static final String TAG = "([a-zA-Z0-9_][a-zA-Z0-9._-]{0,127})";
    private static final String DIGEST = "(sha256:[0-9a-f]{64})";
    private static final Pattern PROMOTE = Pattern.compile("(?:[*]|" + TAG + "(?:=" + DIGEST + ")?)");
    private static final Pattern ROLLBACK = Pattern.compile(TAG + "=(?:(previous)|" + DIGEST + ")");

    /** @throws IllegalArgumentException naming the annotation and its forms */
    static Command promote(String value) {
        Matcher matcher = PROMOTE.matcher(value.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "annotation " + MirroredImage.PROMOTE + " is \"" + value + "\": write TAG, TAG=sha256:… or *");
        }
        return new Command(
                Optional.ofNullable(matcher.group(1)).orElse(ALL),
                Optional.ofNullable(matcher.group(2)).orElse(""));
    }

    /** @throws IllegalArgumentException naming the annotation and its forms */
    static Command rollback(String value) {
        Matcher matcher = ROLLBACK.matcher(value.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException("annotation " + MirroredImage.ROLLBACK_TO + " is \"" + value
                    + "\": write TAG=previous or TAG=sha256:…");
        }
        return new Command(matcher.group(1), matcher.group(2) == null ? matcher.group(3) : PREVIOUS);
    }

    boolean means(String other) {
        return tag.equals(ALL) || tag.equals(other);
    }
}
