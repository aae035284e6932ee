package dev.larder.operator.mirroredimage;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import dev.larder.crds.v1alpha1.LeftOutTag;
import dev.larder.crds.v1alpha1.TagSelectionSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.semver4j.Semver;
import org.semver4j.range.RangeList;
import org.semver4j.range.RangeListFactory;

/**
 * Which tags the rules choose: pure. A regular expression is RE2's, so that none takes more than time in proportion to the
 * tags' length.
 */
final class TagSelection {

    /** As many as a status can tell of. */
    static final int MOST = 200;

    private static final int MAX_PROGRAM = 10_000;

    /** The library passes over what it does not know. */
    private static final java.util.regex.Pattern RANGE_PART = java.util.regex.Pattern.compile(
            "[|][|]|-|[<>=~^]{1,2}|[<>=~^]{0,2}v?[0-9xX*]{1,9}([.][0-9xX*]{1,9}){0,2}([-+][0-9A-Za-z.-]{1,100})?");

    private final TagSelectionSpec rules;
    private final List<Glob> include;
    private final List<Glob> exclude;
    private final @Nullable Pattern regex;
    private final @Nullable RangeList range;

    /**
     * What has been chosen.
     *
     * @param tags the highest versions first, then by name
     * @param leftOut each with the rule that left it out
     */
    record Chosen(List<String> tags, List<LeftOutTag> leftOut) {
        Chosen {
            tags = List.copyOf(tags);
            leftOut = List.copyOf(leftOut);
        }
    }

    /** @throws IllegalArgumentException for rules with {@link #problems} */
    TagSelection(TagSelectionSpec rules) {
        this.rules = rules;
        this.include = rules.include().stream().map(Glob::new).toList();
        this.exclude = rules.exclude().stream().map(Glob::new).toList();
        this.regex = rules.regex() == null ? null : compiled(rules.regex());
        this.range = rules.semver() == null ? null : range(rules.semver());
    }

    static List<Problem> problems(TagSelectionSpec rules) {
        List<Problem> problems = new ArrayList<>();
        String regex = rules.regex();
        if (regex != null) {
            try {
                compiled(regex);
            } catch (IllegalArgumentException e) {
                problems.add(new Problem("spec.tags.regex", "\"" + regex + "\": " + e.getMessage()));
            }
        }
        String semver = rules.semver();
        if (semver != null) {
            try {
                range(semver);
            } catch (IllegalArgumentException e) {
                problems.add(new Problem("spec.tags.semver", "\"" + semver + "\": " + e.getMessage()));
            }
        }
        return problems;
    }

    private static Pattern compiled(String regex) {
        try {
            Pattern pattern = Pattern.compile(regex);
            if (pattern.programSize() > MAX_PROGRAM) {
                throw tooLarge();
            }
            return pattern;
        } catch (StackOverflowError e) {
            // The library compiles them by recursion, as deep as they are long.
            throw tooLarge();
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "is not a regular expression that RE2 knows (" + e.getDescription()
                            + "): look-around and back-references must go, or use include and exclude",
                    e);
        }
    }

    private static IllegalArgumentException tooLarge() {
        return new IllegalArgumentException(
                "is too large once its repetitions are written out: shorten them, or use include");
    }

    private static RangeList range(String semver) {
        boolean known = Arrays.stream(semver.trim().split("\\s+", -1)).allMatch(RANGE_PART.asMatchPredicate());
        RangeList range = RangeListFactory.create(semver);
        if (!known || range.get().isEmpty() || range.get().stream().allMatch(List::isEmpty)) {
            throw new IllegalArgumentException("is not a range of versions: write one such as >=1.25 <2 or 1.27.x");
        }
        return range;
    }

    /** The tags when the rules name them one by one; empty when the list of all tags is needed. */
    Optional<List<String>> named() {
        boolean names = !include.isEmpty() && include.stream().allMatch(Glob::isLiteral);
        return names
                ? Optional.of(include.stream().map(Glob::pattern).distinct().toList())
                : Optional.empty();
    }

    Chosen choose(Collection<String> available) {
        List<LeftOutTag> leftOut = new ArrayList<>();
        List<String> passed = new ArrayList<>();
        Map<String, Semver> versions = new HashMap<>();
        for (String tag : new TreeSet<>(available)) {
            TagVersion.of(tag).ifPresent(version -> versions.put(tag, version));
            String reason = reasonAgainst(tag, versions.get(tag));
            if (reason.isEmpty()) {
                passed.add(tag);
            } else {
                leftOut.add(new LeftOutTag(tag, reason));
            }
        }
        Comparator<String> order = newestFirst(versions);
        passed.sort(order);
        Integer newest = rules.newest();
        if (newest != null) {
            cut(passed, newest, "tags.newest: " + newest + " others have a higher version", leftOut);
        }
        cut(passed, MOST, "one resource mirrors at most " + MOST + " tags: narrow tags, or add a resource", leftOut);
        leftOut.sort(Comparator.comparing(LeftOutTag::tag, order));
        return new Chosen(passed, leftOut);
    }

    private static void cut(List<String> passed, int most, String reason, List<LeftOutTag> leftOut) {
        while (passed.size() > most) {
            leftOut.add(new LeftOutTag(passed.removeLast(), reason));
        }
    }

    private static Comparator<String> newestFirst(Map<String, Semver> versions) {
        Comparator<Semver> highest = Comparator.reverseOrder();
        return Comparator.comparing((String tag) -> versions.get(tag), Comparator.nullsLast(highest))
                .thenComparing(Comparator.naturalOrder());
    }

    /** Empty when nothing is against it. */
    private String reasonAgainst(String tag, @Nullable Semver version) {
        if (!include.isEmpty() && include.stream().noneMatch(glob -> glob.matches(tag))) {
            return "tags.include has no entry that matches";
        }
        Optional<Glob> against =
                exclude.stream().filter(glob -> glob.matches(tag)).findFirst();
        if (against.isPresent()) {
            return "tags.exclude: " + against.get().pattern();
        }
        if (regex != null && !regex.matches(tag)) {
            return "tags.regex does not match";
        }
        if (range != null) {
            if (version == null) {
                return "tags.semver: the tag is no version";
            }
            if (!range.isSatisfiedBy(version)) {
                return "tags.semver: " + version + " is outside of the range";
            }
        }
        return rules.newest() != null && version == null ? "tags.newest: the tag is no version" : "";
    }
}
