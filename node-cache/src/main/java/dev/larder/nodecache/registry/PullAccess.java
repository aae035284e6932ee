package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.SingleFlight;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Audience;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import dev.larder.nodecache.store.RepositoryStore;
import dev.larder.nodecache.store.VerdictFile;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Who may have what is stored. Content of a repository that its upstream serves to everyone goes to everyone, for a
 * bounded time after the upstream last did so; of any other repository, to whom the upstream has let in or would, as long as
 * what they show is good ({@link Verdicts}, and {@link ExchangeVerdicts} where clients show their login here). Everything
 * else is asked of the upstream, as the caller. Knowing a digest is no permission: it must be known to be in the very
 * repository it is asked through.
 */
final class PullAccess {

    private static final Duration OPEN_FOR = Duration.ofHours(1);
    private static final Duration OPEN_WHILE_FAILING = Duration.ofDays(7);
    private static final long WRITE_GRAIN_SECONDS = 60;

    private final RepositoryStore repositories;
    private final Clock clock;
    private final Verdicts verdicts;
    private final ExchangeVerdicts exchanged;
    private final SingleFlight<Asked, SourceResult<?>> flights;

    private record Asked(RepositoryKey key, Digest digest, Caller caller) {
        @Override
        public String toString() {
            return key + "@" + digest;
        }
    }

    /** @param threads one thread a task */
    PullAccess(RepositoryStore repositories, VerdictFile file, Clock clock, Executor threads) {
        this.repositories = repositories;
        this.clock = clock;
        this.verdicts = new Verdicts(clock);
        this.exchanged = new ExchangeVerdicts(clock);
        this.flights = new SingleFlight<>(threads);
        file.keep(exchanged);
    }

    /** Asks the upstream, as the caller, whether it has the content in the repository. */
    interface Question {
        SourceResult<?> ask() throws InterruptedException;
    }

    /** Whether the caller may have the repository's content without asking. */
    boolean isOpen(CachedRegistry registry, RepositoryKey key, Caller caller) {
        return wasOpenWithin(key, longer(OPEN_FOR, registry.longestUnasked())) || admits(registry, key, caller);
    }

    /** Whether the repository is one that only some may have, of whom somebody had it not long ago. */
    boolean isClosed(CachedRegistry registry, RepositoryKey key) {
        boolean lately = registry.exchanges() ? exchanged.anyLately(key) : verdicts.anyLately(key);
        return lately && !isOpen(registry, key, Caller.ANONYMOUS);
    }

    /** Whether somebody who shows a login might have what is here of the repository, as long as the upstream cannot be asked. */
    boolean standsForSomebody(CachedRegistry registry, RepositoryKey key) {
        return registry.exchanges() && exchanged.anyStands(key) && !wasOpen(registry, key, Caller.ANONYMOUS);
    }

    /** What the upstream said a moment ago when it would not let this caller, with this login, into the repository. */
    Optional<UpstreamFailure> refusal(CachedRegistry registry, RepositoryKey key, Caller caller) {
        return registry.exchanges() ? exchanged.refusal(key, caller) : Optional.empty();
    }

    /** Who asks anew for what is stored: nobody in particular where everyone may have it, so that one asks for all. */
    Caller whoRefreshes(CachedRegistry registry, RepositoryKey key, Caller caller) {
        return isOpen(registry, key, Caller.ANONYMOUS) ? Caller.ANONYMOUS : caller;
    }

    /** Whether the caller may have it as long as the upstream cannot be asked. */
    boolean wasOpen(CachedRegistry registry, RepositoryKey key, Caller caller) {
        return wasOpenWithin(key, longer(OPEN_WHILE_FAILING, registry.longestStandIn()))
                || (registry.exchanges() ? exchanged.stands(key, caller) : admits(registry, key, caller));
    }

    private boolean admits(CachedRegistry registry, RepositoryKey key, Caller caller) {
        return registry.exchanges()
                ? exchanged.admits(key, caller)
                : verdicts.admits(key, caller)
                        || registry.source()
                                .nameInTokens(key.repository())
                                .filter(name -> verdicts.wouldAdmit(key, name, caller))
                                .isPresent();
    }

    /** After a restart the last sight may be remembered as a little older than it is. */
    private static Duration longer(Duration least, Duration byRule) {
        Duration bound = byRule.plusSeconds(WRITE_GRAIN_SECONDS);
        return bound.compareTo(least) > 0 ? bound : least;
    }

    private boolean wasOpenWithin(RepositoryKey key, Duration bound) {
        return repositories
                .publicAt(key)
                .map(at -> at.plus(bound).isAfter(clock.instant()))
                .orElse(false);
    }

    /** Whether the caller may have the stored content through this repository, by what is known here. */
    boolean isKnown(CachedRegistry registry, RepositoryKey key, Digest digest, Caller caller) {
        return repositories.holds(key, digest) && isOpen(registry, key, caller);
    }

    /**
     * Returns when the caller may have the stored content. Who might have it anyway, were the upstream down, does not wait
     * for it long.
     *
     * @throws dev.larder.nodecache.error.CacheException when not, or when it cannot be known
     */
    void check(
            CachedRegistry registry,
            RepositoryKey key,
            Digest digest,
            Caller caller,
            Deadline deadline,
            Question question)
            throws InterruptedException {
        boolean holds = repositories.holds(key, digest);
        if (holds && isOpen(registry, key, caller)) {
            return;
        }
        boolean stands = holds && wasOpen(registry, key, caller);
        Deadline patience = stands ? deadline.orIn(registry.policy().firstByteWarm()) : deadline;
        SourceResult<?> answer;
        try {
            answer = flights.get(
                    new Asked(key, digest, caller), patience, () -> ask(registry, key, digest, caller, question));
        } catch (UpstreamFailure timeout) {
            notGiven(registry, key, timeout, caller);
            answer = new Unavailable<>(timeout);
        }
        switch (answer) {
            case Found<?> _ -> {}
            case NotFound<?>(String message) ->
                throw new ContentUnknown(ContentUnknown.Kind.BLOB, key + " has no " + digest + ": " + message);
            case Unavailable<?>(UpstreamFailure failure) -> {
                if (!(stands && standsInFor(failure))) {
                    throw failure;
                }
            }
        }
    }

    private SourceResult<?> ask(
            CachedRegistry registry, RepositoryKey key, Digest digest, Caller caller, Question question)
            throws InterruptedException {
        SourceResult<?> answer = question.ask();
        switch (answer) {
            case Found<?>(var _, Audience audience) -> saw(registry, key, digest, audience, caller);
            case Unavailable<?>(UpstreamFailure failure) -> notGiven(registry, key, failure, caller);
            case NotFound<?> _ -> {}
        }
        return answer;
    }

    /** Whether what was let in before may be let in again: a refusal is an answer, anything else an upstream that fails. */
    static boolean standsInFor(UpstreamFailure failure) {
        return failure.kind() != UpstreamFailure.Kind.UNAUTHORIZED && failure.kind() != UpstreamFailure.Kind.DENIED;
    }

    /** The upstream gave this content. */
    void saw(CachedRegistry registry, RepositoryKey key, Digest digest, Audience audience, Caller caller) {
        sawList(registry, key, audience, caller);
        repositories.holdsNow(key, digest);
    }

    /** The upstream gave a list of the repository's. */
    void sawList(CachedRegistry registry, RepositoryKey key, Audience audience, Caller caller) {
        switch (audience) {
            case Audience.Everyone _ -> repositories.publicNow(key, clock.instant(), WRITE_GRAIN_SECONDS);
            case Audience.OnlyCaller(Instant since) -> {
                repositories.privateNow(key);
                if (registry.exchanges()) {
                    exchanged.letIn(key, caller, since);
                } else {
                    verdicts.admitted(key, caller);
                }
            }
        }
    }

    /**
     * The upstream gave the caller nothing. When it wants other credentials, the repository is open no more; when it only
     * fails, who was let in before need not wait for it again for a moment.
     */
    void notGiven(CachedRegistry registry, RepositoryKey key, UpstreamFailure failure, Caller caller) {
        if (standsInFor(failure)) {
            exchanged.askedInVain(key, caller);
            return;
        }
        repositories.privateNow(key);
        if (registry.exchanges()) {
            exchanged.refused(key, caller, failure);
        } else {
            verdicts.refused(key, caller);
        }
    }
}
