package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.Breaker;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Secret;
import dev.larder.nodecache.source.SingleFlight;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/**
 * Gets and keeps the tokens for one upstream: nobody's, those of the operator-given login, and those of clients' logins that
 * are exchanged. The logins themselves are not kept.
 */
final class TokenProvider {

    private static final Duration MARGIN = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int MAX_TOKENS = 4096;

    private final URI upstream;
    private final Set<String> listed;
    private final TokenServer server;
    private final BriefMemory<TokenScope, TokenAnswer.Granted> tokens;
    private final SingleFlight<TokenScope, TokenAnswer> flights;
    /** Of the token server: it may fail while the upstream is well, and the other way round. */
    private final Breaker breaker;

    /** @param listed hosts, perhaps with a port, that may be shown logins beside the upstream's own */
    TokenProvider(URI upstream, Set<String> listed, UpstreamClient client, Clock clock, Executor threads) {
        this.upstream = upstream;
        this.listed = Set.copyOf(listed);
        this.server = new TokenServer(client, clock);
        this.tokens = new BriefMemory<>(clock, LONGEST, MAX_TOKENS);
        this.flights = new SingleFlight<>(threads);
        this.breaker = Breaker.ofServer(clock);
    }

    /** A token that is held and has not ended yet. */
    Optional<TokenAnswer.Granted> held(TokenScope scope) {
        return tokens.find(scope);
    }

    /**
     * The held token, else a new one.
     *
     * @param login that of the scope; empty for nobody
     * @param rejected one that was refused a moment ago; never given again
     */
    TokenAnswer get(TokenScope scope, Optional<Login> login, Optional<Secret> rejected, Deadline deadline)
            throws InterruptedException {
        Optional<URI> realm = TokenRealms.allowed(upstream, scope.inside(), scope.realm(), login.isPresent(), listed);
        if (realm.isEmpty()) {
            return new TokenAnswer.OutOfBounds(scope.realm());
        }
        Optional<TokenAnswer.Granted> held = held(scope);
        if (held.isPresent() && !rejected.equals(Optional.of(held.get().header()))) {
            return held.get();
        }
        tokens.forget(scope);
        return flights.get(scope, deadline, () -> fetch(realm.get(), scope, login, deadline));
    }

    private TokenAnswer fetch(URI realm, TokenScope scope, Optional<Login> login, Deadline deadline)
            throws InterruptedException {
        TokenAnswer answer = judged(realm, scope, login, deadline);
        if (answer instanceof TokenAnswer.Granted granted) {
            Duration life = granted.life().compareTo(scope.longest()) < 0 ? granted.life() : scope.longest();
            tokens.put(scope, granted, granted.since().plus(life).minus(MARGIN));
        }
        return answer;
    }

    private TokenAnswer judged(URI realm, TokenScope scope, Optional<Login> login, Deadline deadline)
            throws InterruptedException {
        String host = realm.getAuthority();
        if (!breaker.allows()) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.UNREACHABLE,
                    host,
                    "the token server " + host + " failed several times in a row and is left alone for a moment");
        }
        try {
            TokenAnswer answer = server.ask(realm, scope, login, deadline);
            breaker.succeeded();
            return answer;
        } catch (UpstreamFailure e) {
            if (!e.kind().isUpstreamsFault()) {
                throw e;
            }
            breaker.failed();
            throw new UpstreamFailure(e.kind(), host, "the token server " + e.getMessage(), null, e);
        }
    }
}
