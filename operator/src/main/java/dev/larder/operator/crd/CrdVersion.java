package dev.larder.operator.crd;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of the operator, by its three numbers; anything else counts as the oldest. */
record CrdVersion(int major, int minor, int patch) implements Comparable<CrdVersion> {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,6})[.]([0-9]{1,6})[.]([0-9]{1,6}).*");

    static CrdVersion parse(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches()
                ? new CrdVersion(number(matcher, 1), number(matcher, 2), number(matcher, 3))
                : new CrdVersion(0, 0, 0);
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group));
    }

    @Override
    public int compareTo(CrdVersion other) {
        int byMajor = Integer.compare(major, other.major);
        int byMinor = Integer.compare(minor, other.minor);
        return byMajor != 0 ? byMajor : byMinor != 0 ? byMinor : Integer.compare(patch, other.patch);
    }
}
