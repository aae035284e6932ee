package dev.larder.nodecache.registry;

import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.source.ContentSource;
import dev.larder.nodecache.source.Shown;
import dev.larder.nodecache.source.SourcePolicy;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** One registry that is served, with its rules. Immutable; a reload makes new ones. */
public final class CachedRegistry {

    private static final TagFreshness DEFAULT =
            new TagFreshness("*", Duration.ofMinutes(5), Duration.ofHours(1), Duration.ofHours(168), false);

    private final RegistryHost host;
    private final ContentSource source;
    private final SourcePolicy policy;
    private final List<Glob> allow;
    private final List<Glob> deny;
    private final List<Rule> tags;
    private final boolean exchanges;
    private final Duration longestUnasked;
    private final Duration longestStandIn;

    private record Rule(Glob glob, TagFreshness freshness) {}

    /**
     * @param policy how long to wait for the source
     * @param allow globs over repositories; empty allows all
     * @param deny wins over allow
     * @param tags first match wins
     * @param exchanges whether clients show their login here, and not at the upstream's token server
     */
    public CachedRegistry(
            RegistryHost host,
            ContentSource source,
            SourcePolicy policy,
            List<String> allow,
            List<String> deny,
            List<TagFreshness> tags,
            boolean exchanges) {
        this.host = host;
        this.source = source;
        this.policy = policy;
        this.allow = allow.stream().map(Glob::of).toList();
        this.deny = deny.stream().map(Glob::of).toList();
        this.tags = tags.stream()
                .map(freshness -> new Rule(Glob.of(freshness.pattern()), freshness))
                .toList();
        this.exchanges = exchanges;
        this.longestUnasked = longest(tags, TagFreshness::staleWhileRevalidate);
        this.longestStandIn = longest(tags, TagFreshness::staleIfError);
    }

    private static Duration longest(List<TagFreshness> rules, Function<TagFreshness, Duration> afterFresh) {
        return Stream.concat(rules.stream(), Stream.of(DEFAULT))
                .map(rule -> rule.freshFor().plus(afterFresh.apply(rule)))
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    public RegistryHost host() {
        return host;
    }

    /** Whether clients show their login here ({@code access: Exchange}). */
    boolean exchanges() {
        return exchanges;
    }

    /** The request by these rules: where clients show their login here, who shows anything else is nobody. */
    RegistryRequest read(RegistryRequest request) {
        Shown shown = request.caller().shown();
        return exchanges && shown != null && !shown.isBasic()
                ? request.by(request.caller().asNobody())
                : request;
    }

    ContentSource source() {
        return source;
    }

    SourcePolicy policy() {
        return policy;
    }

    // Both are asked for every request: loops, not streams.

    boolean serves(RepositoryName repository) {
        String name = repository.value();
        return (allow.isEmpty() || matches(allow, name)) && !matches(deny, name);
    }

    private static boolean matches(List<Glob> globs, String name) {
        for (Glob glob : globs) {
            if (glob.matches(name)) {
                return true;
            }
        }
        return false;
    }

    TagFreshness freshness(Tag tag) {
        for (Rule rule : tags) {
            if (rule.glob().matches(tag.value())) {
                return rule.freshness();
            }
        }
        return DEFAULT;
    }

    /** Lists of a repository go by the rule for all tags: the first one whose pattern is {@code *}. */
    TagFreshness listFreshness() {
        return tags.stream()
                .map(Rule::freshness)
                .filter(freshness -> freshness.pattern().equals("*"))
                .findFirst()
                .orElse(DEFAULT);
    }

    /** The age up to which some tag may be answered without waiting for the upstream. */
    Duration longestUnasked() {
        return longestUnasked;
    }

    /** The age up to which some tag's answer may stand in for an upstream that fails. */
    Duration longestStandIn() {
        return longestStandIn;
    }
}
