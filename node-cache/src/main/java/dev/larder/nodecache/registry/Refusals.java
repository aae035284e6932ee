package dev.larder.nodecache.registry;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.ContentUnknown;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.RepositoryKey;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Caller;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What is said in place of an upstream to callers that it would refuse, or has refused a moment ago: so who may have the
 * content is asked for a token or login without a request upstream, and whoever guesses costs none.
 */
final class Refusals {

    private static final Duration ABSENT_FOR = Duration.ofSeconds(3);
    private static final int CAPACITY = 4096;

    private final PullAccess access;

    /** What the upstream did not have for a caller without credentials, a moment ago. */
    private final BriefMemory<Route, ContentUnknown> absent;

    /**
     * What the upstream said to callers that showed nothing. It is said again where somebody was let in not long ago, so
     * that who may have the content is asked for its token without the upstream. To a repository opened meanwhile an
     * anonymous token leads, which is asked upstream.
     */
    private final BriefMemory<Challenged, UpstreamFailure> challenges;

    /** A repository under the rules of one configuration. */
    private record Challenged(CachedRegistry registry, RepositoryKey repository) {}

    Refusals(PullAccess access, Clock clock) {
        this.access = access;
        this.absent = new BriefMemory<>(clock, ABSENT_FOR, CAPACITY);
        this.challenges = new BriefMemory<>(clock, Verdicts.LONGEST, CAPACITY);
    }

    /** @throws CacheException when the upstream is not to be asked, since it is known what it would say */
    void check(CachedRegistry registry, Route.InRepository route, Caller caller) {
        RepositoryKey key = route.repository();
        if (!isNobody(caller)) {
            Optional<UpstreamFailure> refusal = access.refusal(registry, key, caller);
            if (refusal.isPresent()) {
                throw told(registry, refusal.get());
            }
            return;
        }
        Optional<ContentUnknown> known = absent.find(route);
        if (known.isPresent()) {
            throw known.get();
        }
        if (registry.exchanges()) {
            if (access.isClosed(registry, key)) {
                throw wantsLogin(registry, "; say who you are with an image pull secret");
            }
            return;
        }
        Optional<UpstreamFailure> challenge = challenges.find(new Challenged(registry, key));
        if (challenge.isPresent() && access.isClosed(registry, key)) {
            throw challenge.get();
        }
    }

    /** What the caller is to be told of this. */
    CacheException of(CachedRegistry registry, Route.InRepository route, Caller caller, CacheException failure) {
        if (failure instanceof ContentUnknown unknown && isNobody(caller)) {
            absent.put(route, unknown);
        }
        if (!(failure instanceof UpstreamFailure upstream)) {
            return failure;
        }
        if (registry.exchanges()) {
            boolean mayKnow = isNobody(caller)
                    && PullAccess.standsInFor(upstream)
                    && access.standsForSomebody(registry, route.repository());
            return mayKnow
                    ? wantsLogin(registry, " and cannot be asked now; whom it let in before gets what is here")
                    : told(registry, upstream);
        }
        if (isNobody(caller) && !upstream.challenges().isEmpty()) {
            challenges.put(new Challenged(registry, route.repository()), upstream);
        }
        return upstream;
    }

    private static boolean isNobody(Caller caller) {
        return caller.shown() == null;
    }

    /** The upstream's own challenge is answered here, by us; to the client goes ours. */
    private static UpstreamFailure told(CachedRegistry registry, UpstreamFailure failure) {
        return registry.exchanges() && failure.kind() == UpstreamFailure.Kind.UNAUTHORIZED
                ? challenge(registry, String.valueOf(failure.getMessage()))
                : failure;
    }

    private static UpstreamFailure wantsLogin(CachedRegistry registry, String how) {
        return challenge(registry, registry.host() + " wants credentials for this repository" + how);
    }

    private static UpstreamFailure challenge(CachedRegistry registry, String message) {
        String host = registry.host().value();
        return new UpstreamFailure(
                UpstreamFailure.Kind.UNAUTHORIZED, host, message, List.of("Basic realm=\"" + host + "\""), null);
    }
}
