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
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Gets and keeps the tokens for one upstream: nobody's, and those of the operator-given login. A client's own credentials
 * never come here.
 */
final class TokenProvider {

    private static final Duration MARGIN = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int MAX_TOKENS = 4096;

    private final URI upstream;
    private final TokenServer server;
    private final Clock clock;
    private final BriefMemory<TokenScope, Token> tokens;
    private final SingleFlight<TokenScope, TokenAnswer> flights;
    /** Of the token server: it may fail while the upstream is well, and the other way round. */
    private final Breaker breaker;

    private record Token(TokenAnswer.Granted granted, Instant until) {}

    TokenProvider(URI upstream, UpstreamClient client, Clock clock, Executor threads) {
        this.upstream = upstream;
        this.server = new TokenServer(client);
        this.clock = clock;
        this.tokens = new BriefMemory<>(clock, LONGEST, MAX_TOKENS);
        this.flights = new SingleFlight<>(threads);
        this.breaker = Breaker.ofServer(clock);
    }

    /** A token that is held and has not ended yet, as a header. */
    Optional<Secret> held(TokenScope scope) {
        return live(scope).map(TokenAnswer.Granted::header);
    }

    /**
     * The held token, else a new one.
     *
     * @param rejected one that was refused a moment ago; never given again
     */
    TokenAnswer get(TokenScope scope, Optional<Secret> rejected, Deadline deadline) throws InterruptedException {
        Optional<URI> realm = TokenRealms.allowed(
                upstream, scope.inside(), scope.realm(), scope.login().isPresent());
        if (realm.isEmpty()) {
            return new TokenAnswer.OutOfBounds(scope.realm());
        }
        Optional<TokenAnswer.Granted> held = live(scope);
        if (held.isPresent() && !rejected.equals(Optional.of(held.get().header()))) {
            return held.get();
        }
        tokens.forget(scope);
        return flights.get(scope, deadline, () -> fetch(realm.get(), scope, deadline));
    }

    private Optional<TokenAnswer.Granted> live(TokenScope scope) {
        return tokens.find(scope)
                .filter(token -> clock.instant().isBefore(token.until()))
                .map(Token::granted);
    }

    private TokenAnswer fetch(URI realm, TokenScope scope, Deadline deadline) throws InterruptedException {
        TokenAnswer answer = judged(realm, scope, deadline);
        if (answer instanceof TokenAnswer.Granted granted) {
            tokens.put(
                    scope,
                    new Token(granted, clock.instant().plus(granted.life().minus(MARGIN))));
        }
        return answer;
    }

    private TokenAnswer judged(URI realm, TokenScope scope, Deadline deadline) throws InterruptedException {
        String host = realm.getAuthority();
        if (!breaker.allows()) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.UNREACHABLE,
                    host,
                    "the token server " + host + " failed several times in a row and is left alone for a moment");
        }
        try {
            TokenAnswer answer = server.ask(realm, scope, deadline);
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
