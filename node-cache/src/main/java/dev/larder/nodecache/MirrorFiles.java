package dev.larder.nodecache;

import dev.larder.nodecache.config.KeepRule;
import dev.larder.nodecache.config.MirrorReader;
import dev.larder.nodecache.config.MirrorShard;
import dev.larder.nodecache.config.Problem;
import dev.larder.nodecache.mirror.KeepRanking;
import dev.larder.nodecache.oci.Keeping;
import dev.larder.nodecache.oci.MirroredTag;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The files of the tag table in one folder: {@code *.json} have tags, {@code *.yaml} say which nodes keep what of them. A file that turns bad keeps its last good content; one that goes takes it
 * along. Used by one thread.
 */
final class MirrorFiles {

    private static final long MAX_BYTES = 4 << 20;
    private static final int MAX_FILES = 64;
    /** A file that is there and cannot be read may be in a moment; after so many looks the others count without it. */
    private static final int LOOKS = 5;

    private final Path folder;
    private final String node;
    private Map<String, String> stamps = Map.of();
    private final Map<String, MirrorShard> good = new TreeMap<>();
    private final List<Problem> problems = new ArrayList<>();
    private int unreadable;

    /** @param node what this one is called in the files */
    MirrorFiles(Path folder, String node) {
        this.folder = folder;
        this.node = node;
    }

    /**
     * What the files say together.
     *
     * @param revisions by file name
     */
    record Table(List<MirroredTag> tags, Map<String, String> revisions, List<Problem> problems) {

        static final Table EMPTY = new Table(List.of(), Map.of(), List.of());

        Table {
            tags = List.copyOf(tags);
            revisions = new TreeMap<>(revisions);
            problems = List.copyOf(problems);
        }
    }

    /** The whole table, when any file is another than before. */
    Optional<Table> changed() {
        Map<String, String> now = look();
        if (now.equals(stamps)) {
            return Optional.empty();
        }
        problems.clear();
        boolean all = true;
        good.keySet().retainAll(now.keySet());
        // Who keeps a tag comes last: who has reported a file of tags has the rules that were written with it.
        for (String name : new TreeSet<>(now.keySet()).descendingSet()) {
            all &= read(name);
        }
        if (!all && ++unreadable < LOOKS) {
            return Optional.empty();
        }
        stamps = now;
        unreadable = 0;
        List<MirroredTag> tags = new ArrayList<>();
        Map<String, String> revisions = new TreeMap<>();
        good.forEach((name, shard) -> {
            tags.addAll(shard.tags());
            if (!shard.revision().isEmpty()) {
                revisions.put(name, shard.revision());
            }
        });
        return Optional.of(new Table(kept(tags), revisions, problems));
    }

    /** The same tags, each with what this node does for it. */
    private List<MirroredTag> kept(List<MirroredTag> tags) {
        Map<String, KeepRule> rules = new HashMap<>();
        Map<String, List<String>> groups = new HashMap<>();
        good.values().forEach(shard -> {
            shard.rules().forEach(rule -> rules.put(rule.resource(), rule));
            groups.putAll(shard.groups());
        });
        Map<String, Keeping> keepings = new HashMap<>();
        return tags.stream()
                .map(tag -> tag.with(keepings.computeIfAbsent(
                        tag.resource() + " " + tag.repository(), of -> keeping(tag, rules, groups))))
                .toList();
    }

    private Keeping keeping(MirroredTag tag, Map<String, KeepRule> rules, Map<String, List<String>> groups) {
        KeepRule rule = rules.get(tag.resource());
        if (rule == null) {
            return Keeping.ALWAYS;
        }
        // A group that is not known yet has no members: nothing is fetched that another node is meant to keep.
        boolean ahead = rule.group().isEmpty()
                || KeepRanking.keeps(
                        tag.repository().toString(), groups.getOrDefault(rule.group(), List.of()), node, rule.most());
        return new Keeping(
                ahead, rule.keeping().bytesPerSecond(), rule.keeping().spread());
    }

    private Map<String, String> look() {
        Map<String, String> seen = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(MirrorFiles::isOfTheTable)
                    .limit(MAX_FILES)
                    .map(file -> file.getFileName().toString())
                    // The kubelet may be exchanging it just now: it goes when it is listed no more.
                    .forEach(name -> stamp(folder.resolve(name))
                            .or(() -> Optional.ofNullable(stamps.get(name)))
                            .ifPresent(stamp -> seen.put(name, stamp)));
        } catch (NoSuchFileException e) {
            // No table: nothing is mirrored.
        } catch (IOException e) {
            return stamps; // looked at again in a moment
        }
        return seen;
    }

    private static boolean isOfTheTable(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".json") || name.endsWith(".yaml");
    }

    private static Optional<String> stamp(Path file) {
        try {
            Path real = file.toRealPath();
            BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class);
            return Optional.of(
                    real + " " + attributes.fileKey() + " " + attributes.lastModifiedTime() + " " + attributes.size());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** False when nobody knows what is in it. */
    private boolean read(String name) {
        Path file = folder.resolve(name);
        try {
            if (Files.size(file) > MAX_BYTES) {
                problems.add(new Problem(name, "is longer than " + MAX_BYTES + " bytes"));
                return true;
            }
            MirrorShard shard = MirrorReader.parse(Files.readString(file));
            if (shard.problems().isEmpty()) {
                good.put(name, shard);
            } else {
                shard.problems().stream()
                        .limit(10)
                        .forEach(problem -> problems.add(new Problem(name, problem.toString())));
            }
            return true;
        } catch (IOException e) {
            problems.add(new Problem(name, "cannot be read: " + e));
            return false;
        }
    }
}
