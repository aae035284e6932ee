package dev.larder.nodecache.registry;

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
import dev.larder.nodecache.source.SourcePolicy;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Audience;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import dev.larder.nodecache.store.TagRecord;
import dev.larder.nodecache.store.TagStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Tag to digest, by the freshness rules: fresh answers cost no upstream request, stale ones are given while a new one is
 * fetched behind or while the upstream fails, everything else waits for a HEAD upstream. A repository that is not open to
 * everyone is asked each time, as the caller.
 */
final class TagResolver {

    private final TagStore tags;
    private final PullAccess access;
    private final Clock clock;
    private final Supplier<SourcePolicy> policy;
    private final SingleFlight<Question, SourceResult<Descriptor>> flights;

    private record Question(RepositoryKey key, Tag tag, Accept accept, Caller caller) {
        @Override
        public String toString() {
            return key + ":" + tag;
        }
    }

    /** @param age since the upstream last confirmed it */
    record Resolved(Descriptor descriptor, Duration age, Outcome outcome) {}

    TagResolver(TagStore tags, PullAccess access, Clock clock, Supplier<SourcePolicy> policy, Executor threads) {
        this.tags = tags;
        this.access = access;
        this.clock = clock;
        this.policy = policy;
        this.flights = new SingleFlight<>(threads);
    }

    Resolved resolve(CachedRegistry registry, RepositoryKey key, Tag tag, Accept accept, Caller caller)
            throws InterruptedException {
        TagFreshness rule = registry.freshness(tag);
        Optional<TagRecord> record = tags.find(key, tag, accept.answerClass());
        if (record.isPresent() && access.isOpen(registry, key)) {
            Duration age = age(record.get());
            if (rule.isFresh(age)) {
                return new Resolved(record.get().descriptor(), age, Outcome.HIT);
            }
            if (rule.maySkipWaiting(age)) {
                refreshBehind(registry, new Question(key, tag, accept, Caller.ANONYMOUS));
                return new Resolved(record.get().descriptor(), age, Outcome.STALE);
            }
        }
        return revalidate(registry, new Question(key, tag, accept, caller), rule, record);
    }

    private Resolved revalidate(
            CachedRegistry registry, Question question, TagFreshness rule, Optional<TagRecord> record)
            throws InterruptedException {
        Optional<Resolved> standIn = record.filter(r -> access.wasOpen(question.key()) && rule.mayStandIn(age(r)))
                .map(r -> new Resolved(r.descriptor(), age(r), Outcome.STALE));
        Duration wait = standIn.isPresent()
                ? policy.get().firstByteWarm()
                : policy.get().firstByteCold();
        SourceResult<Descriptor> answer;
        try {
            answer = flights.get(question, Deadline.in(wait), () -> ask(registry, question));
        } catch (UpstreamFailure timeout) {
            answer = new Unavailable<>(timeout);
        }
        return switch (answer) {
            case Found<Descriptor>(Descriptor descriptor, Audience _) ->
                new Resolved(descriptor, Duration.ZERO, Outcome.UPSTREAM);
            case NotFound<Descriptor>(String message) -> {
                if (rule.serveDeleted() && standIn.isPresent()) {
                    yield standIn.get();
                }
                tags.remove(question.key(), question.tag(), question.accept().answerClass());
                throw new ContentUnknown(
                        ContentUnknown.Kind.MANIFEST,
                        question.key() + " has no tag " + question.tag() + ": " + message);
            }
            case Unavailable<Descriptor>(UpstreamFailure failure) -> {
                if (standIn.isPresent() && standsInFor(failure)) {
                    yield standIn.get();
                }
                throw failure;
            }
        };
    }

    /** A refusal is an answer; anything else is an upstream that fails. */
    private static boolean standsInFor(UpstreamFailure failure) {
        return failure.kind() != UpstreamFailure.Kind.UNAUTHORIZED && failure.kind() != UpstreamFailure.Kind.DENIED;
    }

    private void refreshBehind(CachedRegistry registry, Question question) {
        var _ = flights.start(question, () -> ask(registry, question));
    }

    private SourceResult<Descriptor> ask(CachedRegistry registry, Question question) throws InterruptedException {
        SourceResult<Descriptor> answer = registry.source()
                .headManifest(
                        question.key().repository(),
                        new Reference.ByTag(question.tag()),
                        question.accept(),
                        question.caller(),
                        Deadline.in(policy.get().firstByteCold()));
        switch (answer) {
            case Found<Descriptor>(Descriptor descriptor, Audience audience) -> learn(question, descriptor, audience);
            case Unavailable<Descriptor>(UpstreamFailure failure) -> access.refused(question.key(), failure);
            case NotFound<Descriptor> _ -> {
                // Whoever waits for it decides by the tag's rule.
            }
        }
        return answer;
    }

    /** Also called when a manifest was fetched by its tag. */
    void learn(RepositoryKey key, Tag tag, Accept accept, Descriptor descriptor, Audience audience) {
        learn(new Question(key, tag, accept, Caller.ANONYMOUS), descriptor, audience);
    }

    private void learn(Question question, Descriptor descriptor, Audience audience) {
        access.saw(question.key(), descriptor.digest(), audience);
        if (audience == Audience.EVERYONE) {
            tags.put(
                    question.key(),
                    question.tag(),
                    question.accept().answerClass(),
                    new TagRecord(descriptor, clock.instant()));
        }
    }

    private Duration age(TagRecord record) {
        Duration age = Duration.between(record.checkedAt(), clock.instant());
        return age.isNegative() ? Duration.ZERO : age;
    }
}
