package dev.larder.nodecache.config;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.Keeping;
import dev.larder.nodecache.oci.MirroredTag;
import dev.larder.nodecache.oci.Platform;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** Reads one file of the tag table, as strictly as {@link ConfigReader} reads the config file. */
public final class MirrorReader {

    private static final int VERSION = 1;
    private static final int MAX_TAGS = 20_000;
    private static final int MAX_BEFORE = 100;

    private MirrorReader() {}

    /** Never throws for what is in the text. */
    public static MirrorShard parse(String text) {
        List<Problem> problems = new ArrayList<>();
        Optional<Map<?, ?>> root = ConfigReader.mapping(text, problems);
        if (root.isEmpty()) {
            return MirrorShard.wrong("", problems);
        }
        List<MirroredTag> tags = new ArrayList<>();
        List<KeepRule> rules;
        Map<String, List<String>> groups;
        String revision;
        try (Section file = new Section("", root.get(), problems)) {
            if (file.number("version", 0, VERSION, VERSION) != VERSION) {
                file.problem("version", "must be " + VERSION);
            }
            revision = file.text("revision").orElse("");
            file.sections("images").forEach(image -> image(image, tags));
            rules = KeepReader.rules(file);
            groups = KeepReader.groups(file);
        }
        if (tags.size() > MAX_TAGS) {
            problems.add(new Problem("images", "have " + tags.size() + " tags: at most " + MAX_TAGS));
        }
        requireOnce(tags, problems);
        return problems.isEmpty()
                ? new MirrorShard(revision, tags, rules, groups, problems)
                : MirrorShard.wrong(revision, problems);
    }

    private static void image(Section section, List<MirroredTag> tags) {
        try (section) {
            String resource = section.text("resource").orElse("");
            Optional<RepositoryKey> key = section.parsed("image", told(MirrorReader::repository));
            boolean open = section.flag("open", false);
            List<Platform> platforms = all(section, "platforms", Platform::parse);
            List<Section> sections = section.sections("tags");
            if (key.isEmpty()) {
                section.problem("image", "is needed: write registry/repository");
                return;
            }
            for (Section tag : sections) {
                tag(tag, resource, key.get(), platforms, open).ifPresent(tags::add);
            }
        }
    }

    private static Optional<MirroredTag> tag(
            Section section, String resource, RepositoryKey key, List<Platform> platforms, boolean open) {
        try (section) {
            Optional<Tag> tag = section.parsed("tag", told(Tag::new));
            Optional<Digest> digest = section.parsed("digest", told(Digest::parse));
            List<Digest> before = all(section, "before", Digest::parse);
            if (before.size() > MAX_BEFORE) {
                section.problem("before", "has " + before.size() + " digests: at most " + MAX_BEFORE);
            }
            if (tag.isEmpty() || digest.isEmpty()) {
                section.problem("", "needs both tag and digest");
                return Optional.empty();
            }
            return Optional.of(
                    new MirroredTag(resource, key, tag.get(), digest.get(), before, platforms, open, Keeping.ALWAYS));
        }
    }

    private static <T> List<T> all(Section section, String key, Function<String, T> parse) {
        List<T> parsed = new ArrayList<>();
        for (String text : section.strings(key)) {
            try {
                parsed.add(parse.apply(text));
            } catch (InvalidRequest e) {
                section.problem(key, "\"" + text + "\": " + e.getMessage());
            }
        }
        return parsed;
    }

    /** As {@link Section#parsed} wants it. */
    private static <T> Function<String, T> told(Function<String, T> parse) {
        return text -> {
            try {
                return parse.apply(text);
            } catch (InvalidRequest e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            }
        };
    }

    private static RepositoryKey repository(String text) {
        int slash = text.indexOf('/');
        if (slash < 1) {
            throw new IllegalArgumentException("not registry/repository");
        }
        return new RepositoryKey(
                RegistryHost.parse(text.substring(0, slash)), new RepositoryName(text.substring(slash + 1)));
    }

    private static void requireOnce(List<MirroredTag> tags, List<Problem> problems) {
        Set<String> seen = new HashSet<>();
        for (MirroredTag tag : tags) {
            String name = tag.repository() + ":" + tag.tag();
            if (!seen.add(name)) {
                problems.add(new Problem("images", name + " is there twice: a tag has one meaning"));
            }
        }
    }
}
