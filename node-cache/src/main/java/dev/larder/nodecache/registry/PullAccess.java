package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Audience;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import dev.larder.nodecache.store.RepositoryStore;
import java.time.Clock;
import java.time.Duration;

/**
 * Who may have what is stored. Content of a repository that its upstream serves to everyone goes to everyone, for a
 * bounded time after the upstream last did so; of any other repository, to whom the upstream has let in or would, as long as
 * what they show is good ({@link Verdicts}). Everything else is asked of the upstream, as the caller. Knowing a digest is no
 * permission: it must be known to be in the very repository it is asked through.
 */
final class PullAccess {

    private static final Duration OPEN_FOR = Duration.ofHours(1);
    private static final Duration OPEN_WHILE_FAILING = Duration.ofDays(7);
    private static final long WRITE_GRAIN_SECONDS = 60;

    private final RepositoryStore repositories;
    private final Clock clock;
    private final Verdicts verdicts;

    PullAccess(RepositoryStore repositories, Clock clock) {
        this.repositories = repositories;
        this.clock = clock;
        this.verdicts = new Verdicts(clock);
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
        return verdicts.anyLately(key) && !isOpen(registry, key, Caller.ANONYMOUS);
    }

    /** Who asks anew for what is stored: nobody in particular where everyone may have it, so that one asks for all. */
    Caller whoRefreshes(CachedRegistry registry, RepositoryKey key, Caller caller) {
        return isOpen(registry, key, Caller.ANONYMOUS) ? Caller.ANONYMOUS : caller;
    }

    /** Whether the caller may have it as long as the upstream cannot be asked. */
    boolean wasOpen(CachedRegistry registry, RepositoryKey key, Caller caller) {
        return wasOpenWithin(key, longer(OPEN_WHILE_FAILING, registry.longestStandIn()))
                || admits(registry, key, caller);
    }

    private boolean admits(CachedRegistry registry, RepositoryKey key, Caller caller) {
        return verdicts.admits(key, caller)
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
     * Returns when the caller may have the stored content.
     *
     * @throws dev.larder.nodecache.error.CacheException when not, or when it cannot be known
     */
    void check(CachedRegistry registry, RepositoryKey key, Digest digest, Caller caller, Question question)
            throws InterruptedException {
        boolean holds = repositories.holds(key, digest);
        if (holds && isOpen(registry, key, caller)) {
            return;
        }
        switch (question.ask()) {
            case Found<?>(var _, Audience audience) -> saw(key, digest, audience, caller);
            case NotFound<?>(String message) ->
                throw new ContentUnknown(ContentUnknown.Kind.BLOB, key + " has no " + digest + ": " + message);
            case Unavailable<?>(UpstreamFailure failure) -> {
                refused(key, failure, caller);
                if (!(holds && wasOpen(registry, key, caller) && failure.kind().isUpstreamsFault())) {
                    throw failure;
                }
            }
        }
    }

    /** The upstream gave this content. */
    void saw(RepositoryKey key, Digest digest, Audience audience, Caller caller) {
        sawList(key, audience, caller);
        repositories.holdsNow(key, digest);
    }

    /** The upstream gave a list of the repository's. */
    void sawList(RepositoryKey key, Audience audience, Caller caller) {
        if (audience == Audience.EVERYONE) {
            repositories.publicNow(key, clock.instant(), WRITE_GRAIN_SECONDS);
        } else {
            repositories.privateNow(key);
            verdicts.admitted(key, caller);
        }
    }

    /** The upstream would not give the caller something; when it wants other credentials, the repository is open no more. */
    void refused(RepositoryKey key, UpstreamFailure failure, Caller caller) {
        if (failure.kind() == UpstreamFailure.Kind.UNAUTHORIZED || failure.kind() == UpstreamFailure.Kind.DENIED) {
            repositories.privateNow(key);
            verdicts.refused(key, caller);
        }
    }
}
