package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.RepositoryKey;
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
 * bounded time after the upstream last did so; everything else is asked of the upstream each time, as the caller. Knowing
 * a digest is no permission: it must be known to be in the very repository it is asked through.
 */
final class PullAccess {

    private static final Duration OPEN_FOR = Duration.ofHours(1);
    private static final Duration OPEN_WHILE_FAILING = Duration.ofDays(7);
    private static final long WRITE_GRAIN_SECONDS = 60;

    private final RepositoryStore repositories;
    private final Clock clock;

    PullAccess(RepositoryStore repositories, Clock clock) {
        this.repositories = repositories;
        this.clock = clock;
    }

    /** Asks the upstream, as the caller, whether it has the content in the repository. */
    interface Question {
        SourceResult<?> ask() throws InterruptedException;
    }

    /** Whether everyone may have the repository's content without asking. */
    boolean isOpen(CachedRegistry registry, RepositoryKey key) {
        return wasOpenWithin(key, longer(OPEN_FOR, registry.longestUnasked()));
    }

    /** Whether everyone may have it as long as the upstream cannot be asked. */
    boolean wasOpen(CachedRegistry registry, RepositoryKey key) {
        return wasOpenWithin(key, longer(OPEN_WHILE_FAILING, registry.longestStandIn()));
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

    /**
     * Returns when the caller may have the stored content.
     *
     * @throws dev.larder.nodecache.error.CacheException when not, or when it cannot be known
     */
    void check(CachedRegistry registry, RepositoryKey key, Digest digest, Question question)
            throws InterruptedException {
        boolean holds = repositories.holds(key, digest);
        if (holds && isOpen(registry, key)) {
            return;
        }
        switch (question.ask()) {
            case Found<?>(var _, Audience audience) -> saw(key, digest, audience);
            case NotFound<?>(String message) ->
                throw new ContentUnknown(ContentUnknown.Kind.BLOB, key + " has no " + digest + ": " + message);
            case Unavailable<?>(UpstreamFailure failure) -> {
                refused(key, failure);
                if (!(holds && wasOpen(registry, key) && failure.kind().isUpstreamsFault())) {
                    throw failure;
                }
            }
        }
    }

    /** The upstream gave this content. */
    void saw(RepositoryKey key, Digest digest, Audience audience) {
        sawList(key, audience);
        repositories.holdsNow(key, digest);
    }

    /** The upstream gave a list of the repository's. */
    void sawList(RepositoryKey key, Audience audience) {
        if (audience == Audience.EVERYONE) {
            repositories.publicNow(key, clock.instant(), WRITE_GRAIN_SECONDS);
        } else {
            repositories.privateNow(key);
        }
    }

    /** The upstream would not give something; when it wants credentials, the repository is open no more. */
    void refused(RepositoryKey key, UpstreamFailure failure) {
        if (failure.kind() == UpstreamFailure.Kind.UNAUTHORIZED || failure.kind() == UpstreamFailure.Kind.DENIED) {
            repositories.privateNow(key);
        }
    }
}
