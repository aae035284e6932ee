package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.Breaker;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Secret;
import dev.larder.nodecache.source.SingleFlight;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * Gets and keeps the tokens of one identity at one upstream: anonymous ones, or those of the operator-given login. A
 * client's own credentials never come here.
 */
final class TokenProvider {

    private static final Duration DEFAULT_LIFE = Duration.ofSeconds(60);
    private static final Duration MARGIN = Duration.ofSeconds(10);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final int MAX_TOKENS = 4096;
    private static final int MAX_ANSWER = 256 * 1024;

    private final URI upstream;
    private final UpstreamClient client;
    private final Clock clock;
    private final BriefMemory<Scope, Token> tokens;
    private final BriefMemory<RepositoryName, Scope> scopes;
    private final SingleFlight<Scope, Optional<Secret>> flights;
    /** Of the token server: it may fail while the upstream is well, and the other way round. */
    private final Breaker breaker;

    private record Scope(String realm, String service, String scope) {
        @Override
        public String toString() {
            return "a token for " + scope;
        }
    }

    private record Token(Secret header, Instant until) {}

    TokenProvider(URI upstream, UpstreamClient client, Clock clock, Executor threads) {
        this.upstream = upstream;
        this.client = client;
        this.clock = clock;
        this.tokens = new BriefMemory<>(clock, LONGEST, MAX_TOKENS);
        this.scopes = new BriefMemory<>(clock, LONGEST, MAX_TOKENS);
        this.flights = new SingleFlight<>(threads);
        this.breaker = Breaker.ofServer(clock);
    }

    /** A token that was good for this repository before, so that no challenge is needed. */
    Optional<Secret> known(RepositoryName repository) {
        return scopes.find(repository).flatMap(this::live);
    }

    /**
     * The header that answers the challenge.
     *
     * @param inside whether the upstream is inside this node
     * @param login Basic header for the token server, or empty to ask as nobody
     * @param rejected what the challenge was the answer to; never given again
     * @return empty when the token server refuses, or may not be asked
     */
    Optional<Secret> answer(
            RepositoryName repository,
            AuthChallenge challenge,
            boolean inside,
            Optional<Secret> login,
            Optional<Secret> rejected,
            Deadline deadline)
            throws InterruptedException {
        Optional<URI> realm = TokenRealms.allowed(upstream, inside, challenge.realm(), login.isPresent());
        if (realm.isEmpty()) {
            return Optional.empty();
        }
        Scope scope = new Scope(challenge.realm(), challenge.service(), challenge.scope());
        Optional<Secret> held = live(scope);
        if (held.isEmpty() || held.equals(rejected)) {
            tokens.forget(scope);
            held = flights.get(scope, deadline, () -> judged(realm.get(), inside, scope, login, deadline));
        }
        if (held.isPresent()) {
            scopes.put(repository, scope);
        }
        return held;
    }

    private Optional<Secret> live(Scope scope) {
        return tokens.find(scope)
                .filter(token -> clock.instant().isBefore(token.until()))
                .map(Token::header);
    }

    private Optional<Secret> judged(URI realm, boolean inside, Scope scope, Optional<Secret> login, Deadline deadline)
            throws InterruptedException {
        String host = realm.getAuthority();
        if (!breaker.allows()) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.UNREACHABLE,
                    host,
                    "the token server " + host + " failed several times in a row and is left alone for a moment");
        }
        try {
            Optional<Secret> answer = fetch(realm, inside, scope, login, deadline);
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

    private Optional<Secret> fetch(URI realm, boolean inside, Scope scope, Optional<Secret> login, Deadline deadline)
            throws InterruptedException {
        StringBuilder query = new StringBuilder(realm.getRawQuery() == null ? "" : realm.getRawQuery());
        append(query, "service", scope.service());
        append(query, "scope", scope.scope());
        String path = realm.getRawPath() == null || realm.getRawPath().isEmpty() ? "/" : realm.getRawPath();
        URI target = URI.create(
                realm.getScheme() + "://" + realm.getAuthority() + path + (query.isEmpty() ? "" : "?" + query));
        try (UpstreamResponse response = client.token(target, inside, login.orElse(null), deadline)) {
            if (response.status() == 200) {
                return Optional.of(keep(scope, response.body().readAll(MAX_ANSWER, deadline), realm.getAuthority()));
            }
            if (response.status() == 429 || response.status() >= 500) {
                throw new UpstreamFailure(
                        response.status() == 429 ? UpstreamFailure.Kind.THROTTLED : UpstreamFailure.Kind.UNREACHABLE,
                        realm.getAuthority(),
                        realm.getAuthority() + " answered " + response.status());
            }
            return Optional.empty();
        }
    }

    private Secret keep(Scope scope, byte[] answer, String host) {
        try {
            JsonObject json = new JsonObject(new String(answer, StandardCharsets.UTF_8));
            String token = json.getString("token", json.getString("access_token", ""));
            long seconds = json.getLong("expires_in", DEFAULT_LIFE.toSeconds());
            if (!token.isEmpty()) {
                Duration life = Duration.ofSeconds(Math.clamp(seconds, 1, LONGEST.toSeconds()));
                Secret header = new Secret("Bearer " + token);
                Instant until = clock.instant().plus(life.compareTo(MARGIN) > 0 ? life.minus(MARGIN) : life);
                tokens.put(scope, new Token(header, until));
                return header;
            }
        } catch (DecodeException | ClassCastException e) {
            // Said below, without quoting the answer.
        }
        throw new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED, host, "the token server " + host + " answered without a token");
    }

    private static void append(StringBuilder query, String name, String value) {
        if (!value.isEmpty()) {
            query.append(query.isEmpty() ? "" : "&")
                    .append(name)
                    .append('=')
                    .append(URLEncoder.encode(value, StandardCharsets.UTF_8));
        }
    }
}
