package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.CopyTagStatus;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.crds.v1alpha1.ServedDigest;
import dev.larder.crds.v1alpha1.TagCopyStatus;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is to be copied to {@code spec.to.repository}, and which dated tags are to leave it: pure. A dated tag lives as long
 * as its digest is served or in the history.
 */
final class CopyPlan {

    private static final int LONGEST_TAG = 128;
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("yyyyMMdd");
    private static final DateTimeFormatter MINUTE = DateTimeFormatter.ofPattern("yyyyMMdd-HHmm");
    private static final DateTimeFormatter SECOND = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss");

    private final List<MirroredTagStatus> tags;
    private final ZoneId zone;
    /** What the tags in the repository are for, by their names: a dated tag's digest, or nothing of a mirrored tag. */
    private final Map<String, String> taken = new HashMap<>();

    /**
     * One tag to be copied.
     *
     * @param datedTag null for none
     * @param previous what was served before and has been copied; null for nothing
     */
    record Copy(
            String tag,
            String digest,
            @Nullable String datedTag,
            @Nullable String previous) {}

    /** @param zone whose days the dated tags are named after */
    CopyPlan(List<MirroredTagStatus> tags, ZoneId zone) {
        this.tags = List.copyOf(tags);
        this.zone = zone;
        tags.forEach(tag -> taken.put(tag.tag(), ""));
        tags.forEach(tag -> dated(tag).forEach(taken::put));
    }

    /**
     * @param withDatedTags as the spec says
     * @param leaving tags that are still there: none of them comes to mean something else
     */
    List<Copy> copies(boolean withDatedTags, Collection<CopyTagStatus> leaving) {
        Map<String, String> names = new HashMap<>(taken);
        leaving.forEach(tag -> names.putIfAbsent(tag.tag(), tag.digest()));
        List<Copy> copies = new ArrayList<>();
        for (MirroredTagStatus tag : tags) {
            String served = tag.servedDigest();
            TagCopyStatus copy = tag.copy();
            if (served != null && (copy == null || !copy.digest().equals(served))) {
                Optional<String> dated = withDatedTags ? datedTag(tag, served, names) : Optional.empty();
                dated.ifPresent(name -> names.put(name, served));
                copies.add(new Copy(
                        tag.tag(), served, dated.orElse(null), withDatedTags && copy != null ? copy.digest() : null));
            }
        }
        return copies;
    }

    /** Two of one day differ by the minute, or the second; a name that would be too long is none. */
    private Optional<String> datedTag(MirroredTagStatus tag, String digest, Map<String, String> names) {
        var since = Instant.parse(Objects.requireNonNull(tag.since())).atZone(zone);
        return Stream.of(DAY, MINUTE, SECOND)
                .map(format -> tag.tag() + "-" + format.format(since))
                .filter(name -> name.length() <= LONGEST_TAG)
                .filter(name -> names.getOrDefault(name, digest).equals(digest))
                .findFirst();
    }

    /** Those of a tag's past and present, with their digests. */
    private static Map<String, String> dated(MirroredTagStatus tag) {
        Map<String, String> dated = new LinkedHashMap<>();
        for (ServedDigest old : tag.history()) {
            if (old.datedTag() != null) {
                dated.put(old.datedTag(), old.digest());
            }
        }
        TagCopyStatus copy = tag.copy();
        if (copy != null && copy.datedTag() != null && copy.digest().equals(tag.servedDigest())) {
            dated.put(copy.datedTag(), copy.digest());
        }
        return dated;
    }

    /** What {@code before} had and these have no more; of tags that are mirrored no more nothing is taken away. */
    List<CopyTagStatus> leaving(List<MirroredTagStatus> before) {
        Set<String> names = tags.stream().map(MirroredTagStatus::tag).collect(Collectors.toSet());
        List<CopyTagStatus> leaving = new ArrayList<>();
        for (MirroredTagStatus old : before) {
            if (names.contains(old.tag())) {
                dated(old).forEach((name, digest) -> {
                    if (!taken.containsKey(name)) {
                        leaving.add(new CopyTagStatus(name, digest));
                    }
                });
            }
        }
        return leaving;
    }

    /** Whether a tag that stays means this digest. */
    boolean wants(String digest) {
        return taken.containsValue(digest)
                || tags.stream()
                        .anyMatch(tag -> digest.equals(tag.servedDigest())
                                || (tag.copy() != null
                                        && digest.equals(tag.copy().digest())));
    }

    /** With what has been copied. */
    static List<MirroredTagStatus> with(List<MirroredTagStatus> tags, List<Copy> done, String at) {
        Map<String, Copy> byTag = done.stream().collect(Collectors.toMap(Copy::tag, copy -> copy, (a, b) -> b));
        return tags.stream()
                .map(tag -> byTag.containsKey(tag.tag()) ? with(tag, byTag.get(tag.tag()), at) : tag)
                .toList();
    }

    /** What was served when the copy began may be history by now; that has a dated tag, too. */
    private static MirroredTagStatus with(MirroredTagStatus tag, Copy copy, String at) {
        boolean served = copy.digest().equals(tag.servedDigest());
        List<ServedDigest> history = new ArrayList<>(tag.history());
        for (int i = 0; i < history.size() && !served; i++) {
            ServedDigest old = history.get(i);
            if (old.digest().equals(copy.digest()) && old.datedTag() == null) {
                history.set(i, new ServedDigest(old.digest(), old.from(), old.to(), old.reason(), copy.datedTag()));
                break;
            }
        }
        return tag.withHistory(history).withCopy(new TagCopyStatus(copy.digest(), at, copy.datedTag()));
    }
}
