package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.SingleFlight;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Audience;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import dev.larder.nodecache.store.TagRecord;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Tag to digest, by the freshness rules: fresh answers cost no upstream request, stale ones are given while a new one is
 * fetched behind or while the upstream fails, everything else waits for a HEAD upstream, and so does a caller who was not
 * let into the repository before.
 *
 * <p>After a move, until the new image is here as a whole, every answer is checked by a HEAD, fresh or not, and the old
 * meaning stands in when that fails (TagMoveIT).
 */
final class TagResolver {

    private final TagMemory tags;
    private final PullAccess access;
    private final Clock clock;
    private final SingleFlight<Question, SourceResult<Descriptor>> flights;

    /** What is asked upstream. */
    record Question(RepositoryKey key, Tag tag, Accept accept, Caller caller) {
        TagMemory.Name name() {
            return new TagMemory.Name(key, tag, accept.answerClass());
        }

        @Override
        public String toString() {
            return key + ":" + tag;
        }
    }

    /**
     * A tag's meaning.
     *
     * @param age since the upstream last confirmed it
     * @param moved whether an older meaning could stand in for it: its content should be seen before it is relied on
     */
    record Resolved(Descriptor descriptor, Duration age, Outcome outcome, Staleness staleness, boolean moved) {

        Resolved from(Outcome source) {
            return new Resolved(descriptor, age, source, staleness, moved);
        }
    }

    TagResolver(TagMemory tags, PullAccess access, Clock clock, Executor threads) {
        this.tags = tags;
        this.access = access;
        this.clock = clock;
        this.flights = new SingleFlight<>(threads);
    }

    /** What the tag means, when that is fresh: what {@link #resolve} would say, found without waiting for anything. */
    Optional<Resolved> resolveNow(CachedRegistry registry, Question question) {
        TagMemory.Name name = question.name();
        if (tags.hasMoved(name) || !access.isOpen(registry, question.key(), question.caller())) {
            return Optional.empty();
        }
        TagFreshness rule = registry.freshness(question.tag());
        return tags.find(name).filter(record -> rule.isFresh(age(record))).map(this::fresh);
    }

    /** @throws CacheException when there is no answer that the rules allow */
    Resolved resolve(CachedRegistry registry, Question question) throws InterruptedException {
        TagFreshness rule = registry.freshness(question.tag());
        Optional<TagRecord> record = tags.find(question.name());
        Optional<TagRecord> before = before(question, rule);
        if (record.isPresent() && before.isEmpty() && access.isOpen(registry, question.key(), question.caller())) {
            Duration age = age(record.get());
            if (rule.isFresh(age)) {
                return fresh(record.get());
            }
            if (rule.maySkipWaiting(age)) {
                refreshBehind(registry, question, rule);
                return stale(record.get(), Staleness.WHILE_REVALIDATE);
            }
        }
        return revalidate(registry, question, rule, before.or(() -> record));
    }

    /**
     * What the tag meant before, when the content of what it means now cannot be had.
     *
     * @throws CacheException the failure, when nothing may stand in
     */
    Resolved insteadOf(CachedRegistry registry, Question question, CacheException failure) {
        TagFreshness rule = registry.freshness(question.tag());
        return instead(registry, question, rule)
                .filter(b -> standsInFor(failure))
                .map(b -> stale(b, Staleness.IF_ERROR))
                .orElseThrow(() -> failure);
    }

    /** Whether {@link #insteadOf} has something for a registry that only fails. */
    boolean canDoWithout(CachedRegistry registry, Question question) {
        return instead(registry, question, registry.freshness(question.tag())).isPresent();
    }

    private Optional<TagRecord> instead(CachedRegistry registry, Question question, TagFreshness rule) {
        return before(question, rule).filter(b -> access.wasOpen(registry, question.key(), question.caller()));
    }

    private Optional<TagRecord> before(Question question, TagFreshness rule) {
        return tags.before(question.name()).filter(b -> rule.mayStandIn(age(b)));
    }

    private Resolved revalidate(
            CachedRegistry registry, Question question, TagFreshness rule, Optional<TagRecord> fallback)
            throws InterruptedException {
        Optional<TagRecord> standIn = fallback.filter(
                r -> access.wasOpen(registry, question.key(), question.caller()) && rule.mayStandIn(age(r)));
        Duration wait = standIn.isPresent()
                ? registry.policy().firstByteWarm()
                : registry.policy().firstByteCold();
        SourceResult<Descriptor> answer;
        try {
            answer = flights.get(question, Deadline.in(wait), () -> ask(registry, question, rule, standIn.isPresent()));
        } catch (UpstreamFailure timeout) {
            access.notGiven(registry, question.key(), timeout, question.caller());
            answer = new Unavailable<>(timeout);
        }
        return switch (answer) {
            case Found<Descriptor>(Descriptor descriptor, Audience _) -> {
                boolean moved = before(question, rule).isPresent();
                yield new Resolved(descriptor, Duration.ZERO, Outcome.UPSTREAM, Staleness.NONE, moved);
            }
            case NotFound<Descriptor>(String message) -> {
                if (rule.serveDeleted() && standIn.isPresent()) {
                    yield stale(standIn.get(), Staleness.DELETED);
                }
                throw new ContentUnknown(
                        ContentUnknown.Kind.MANIFEST,
                        question.key() + " has no tag " + question.tag() + ": " + message);
            }
            case Unavailable<Descriptor>(UpstreamFailure failure) -> {
                if (standIn.isPresent() && standsInFor(failure)) {
                    yield stale(standIn.get(), Staleness.IF_ERROR);
                }
                throw failure;
            }
        };
    }

    private Resolved fresh(TagRecord record) {
        return new Resolved(record.descriptor(), age(record), Outcome.HIT, Staleness.NONE, false);
    }

    private Resolved stale(TagRecord record, Staleness why) {
        return new Resolved(record.descriptor(), age(record), Outcome.STALE, why, false);
    }

    /** A refusal is an answer; anything else is an upstream that fails. */
    static boolean standsInFor(CacheException failure) {
        return !(failure instanceof UpstreamFailure upstream) || PullAccess.standsInFor(upstream);
    }

    private void refreshBehind(CachedRegistry registry, Question question, TagFreshness rule) {
        Caller caller = access.whoRefreshes(registry, question.key(), question.caller());
        Question again = new Question(question.key(), question.tag(), question.accept(), caller);
        var _ = flights.start(again, () -> ask(registry, again, rule, true));
    }

    private SourceResult<Descriptor> ask(
            CachedRegistry registry, Question question, TagFreshness rule, boolean frugally)
            throws InterruptedException {
        SourceResult<Descriptor> answer = registry.source()
                .headManifest(
                        question.key().repository(),
                        new Reference.ByTag(question.tag()),
                        question.accept(),
                        question.caller().frugally(frugally),
                        Deadline.in(registry.policy().firstByteCold()));
        switch (answer) {
            case Found<Descriptor>(Descriptor descriptor, Audience audience) -> {
                access.saw(registry, question.key(), descriptor.digest(), audience, question.caller());
                tags.put(question.name(), descriptor, clock.instant());
            }
            case Unavailable<Descriptor>(UpstreamFailure failure) ->
                access.notGiven(registry, question.key(), failure, question.caller());
            case NotFound<Descriptor> _ -> {
                if (!rule.serveDeleted()) {
                    tags.remove(question.name());
                }
            }
        }
        return answer;
    }

    private Duration age(TagRecord record) {
        Duration age = Duration.between(record.checkedAt(), clock.instant());
        return age.isNegative() ? Duration.ZERO : age;
    }
}
