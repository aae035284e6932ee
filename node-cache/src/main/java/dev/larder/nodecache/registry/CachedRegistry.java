package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.source.ContentSource;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** One registry that is served, with its rules. Immutable; a reload makes new ones. */
public final class CachedRegistry {

    private static final TagFreshness DEFAULT =
            new TagFreshness("*", Duration.ofMinutes(5), Duration.ofHours(1), Duration.ofHours(168), false);

    private final RegistryHost host;
    private final ContentSource source;
    private final List<Glob> allow;
    private final List<Glob> deny;
    private final List<Rule> tags;
    private final Duration longestFresh;

    private record Rule(Glob glob, TagFreshness freshness) {}

    /**
     * @param allow globs over repositories; empty allows all
     * @param deny wins over allow
     * @param tags first match wins
     */
    public CachedRegistry(
            RegistryHost host, ContentSource source, List<String> allow, List<String> deny, List<TagFreshness> tags) {
        this.host = host;
        this.source = source;
        this.allow = allow.stream().map(Glob::of).toList();
        this.deny = deny.stream().map(Glob::of).toList();
        this.tags = tags.stream()
                .map(freshness -> new Rule(Glob.of(freshness.pattern()), freshness))
                .toList();
        this.longestFresh = tags.stream()
                .map(TagFreshness::freshFor)
                .max(Comparator.naturalOrder())
                .orElse(DEFAULT.freshFor());
    }

    public RegistryHost host() {
        return host;
    }

    ContentSource source() {
        return source;
    }

    boolean serves(RepositoryName repository) {
        String name = repository.value();
        return (allow.isEmpty() || allow.stream().anyMatch(glob -> glob.matches(name)))
                && deny.stream().noneMatch(glob -> glob.matches(name));
    }

    TagFreshness freshness(Tag tag) {
        return tags.stream()
                .filter(rule -> rule.glob().matches(tag.value()))
                .map(Rule::freshness)
                .findFirst()
                .orElse(DEFAULT);
    }

    /** What was learnt about a repository holds at least as long as any of its tags may be fresh. */
    Duration longestFresh() {
        return longestFresh;
    }
}
