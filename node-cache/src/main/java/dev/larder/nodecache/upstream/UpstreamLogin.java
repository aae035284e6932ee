package dev.larder.nodecache.upstream;

import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Secret;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who we are to one upstream: the operator's login, if there is one, else nobody. Answers challenges, and remembers for each
 * repository what was good, so that the next request needs no challenge, and for each login where it was refused, so that a
 * wrong one does not lock its account.
 */
final class UpstreamLogin {

    private static final Duration GOOD_FOR = Duration.ofHours(1);
    private static final Duration REFUSED_FOR = Duration.ofSeconds(60);
    private static final int MAX_REPOSITORIES = 4096;
    /** For a refusal that goes for the login as such. */
    private static final String EVERYWHERE = "";
    /** For one that is not remembered, since nothing but the answer tells where it goes. */
    private static final String SOMEWHERE = "?";

    private final UpstreamSettings settings;
    private final TokenProvider tokens;
    private final @Nullable Credentials credentials;
    private final UpstreamHealth health;
    private final BriefMemory<RepositoryName, Way> good;
    private final BriefMemory<Refusal, Boolean> refused;
    private volatile Optional<Login> lastAccepted = Optional.empty();

    /** How a repository's challenge was answered. */
    private sealed interface Way {
        record ByBasic() implements Way {}

        record ByToken(TokenScope scope) implements Way {}
    }

    private record Refusal(Login login, String scope) {}

    /**
     * An answer to a challenge.
     *
     * @param login empty for nobody
     */
    record Attempt(Optional<Login> login, Way way, Secret header) {}

    UpstreamLogin(UpstreamSettings settings, TokenProvider tokens, UpstreamHealth health, Clock clock) {
        this.settings = settings;
        this.tokens = tokens;
        this.health = health;
        this.credentials = settings.credentialsFile() == null
                ? null
                : new Credentials(settings.credentialsFile(), settings.host(), settings.registry());
        this.good = new BriefMemory<>(clock, GOOD_FOR, MAX_REPOSITORIES);
        this.refused = new BriefMemory<>(clock, REFUSED_FOR, MAX_REPOSITORIES);
    }

    /** What was good for this repository before, so that no challenge is needed. */
    Optional<Secret> known(RepositoryName repository) {
        return good.find(repository).flatMap(way -> switch (way) {
            case Way.ByBasic _ ->
                operators().filter(login -> !isRefused(login, EVERYWHERE)).map(Login::basic);
            case Way.ByToken(TokenScope scope) -> tokens.held(scope);
        });
    }

    void forget(RepositoryName repository) {
        good.forget(repository);
    }

    /** Those to try in turn; nobody comes last. */
    List<Optional<Login>> candidates() {
        Optional<Login> login = operators();
        if (credentials != null && login.isEmpty()) {
            health.credentialsValid(false);
        }
        return login.isPresent() ? List.of(login, Optional.empty()) : List.of(Optional.empty());
    }

    private Optional<Login> operators() {
        return credentials == null ? Optional.empty() : credentials.read();
    }

    /**
     * The candidate's answer to the challenge.
     *
     * @param inside whether the challenge came from inside this node
     * @param rejected what the challenge was the answer to; never given again
     * @return empty when the candidate has none, or was refused
     */
    Optional<Attempt> answer(
            RepositoryName repository,
            AuthChallenge challenge,
            boolean inside,
            Optional<Login> candidate,
            Optional<Secret> rejected,
            Deadline deadline)
            throws InterruptedException {
        TokenScope scope = scope(repository, challenge, inside, candidate);
        if (candidate.isPresent()
                && (isRefused(candidate.get(), EVERYWHERE) || isRefused(candidate.get(), scope.scope()))) {
            return Optional.empty();
        }
        if (!challenge.isBearer()) {
            return candidate
                    .filter(login -> challenge.isBasic() && !login.refresh())
                    .map(login -> new Attempt(candidate, new Way.ByBasic(), login.basic()));
        }
        return switch (tokens.get(scope, rejected, deadline)) {
            case TokenAnswer.Granted(Secret header, Duration _) ->
                Optional.of(new Attempt(candidate, new Way.ByToken(scope), header));
            case TokenAnswer.Refused(int status) -> {
                candidate.ifPresent(login -> refused(login, status == 401 ? EVERYWHERE : scope.scope()));
                yield Optional.empty();
            }
            case TokenAnswer.OutOfBounds _ -> {
                candidate.ifPresent(login -> refused(login, scope.scope()));
                yield Optional.empty();
            }
        };
    }

    /** Some registries leave it to the client to know what it wants (containerd and docker always say it too). */
    private TokenScope scope(
            RepositoryName repository, AuthChallenge challenge, boolean inside, Optional<Login> login) {
        String prefix = settings.pathPrefix().isEmpty() ? "" : settings.pathPrefix() + "/";
        String scope = challenge.scope().isBlank()
                ? "repository:" + prefix + repository + ":pull"
                : challenge.scope().strip();
        return new TokenScope(inside, challenge.realm(), challenge.service(), scope, login);
    }

    /** The upstream let the attempt in. */
    void accepted(RepositoryName repository, Attempt attempt) {
        good.put(repository, attempt.way());
        if (attempt.login().isPresent()) {
            lastAccepted = attempt.login();
            health.credentialsValid(true);
        }
    }

    /**
     * The upstream would not have the attempt.
     *
     * @param wrongLogin whether it said that the login itself is no good
     */
    void turnedDown(Attempt attempt, boolean wrongLogin) {
        attempt.login().ifPresent(login -> {
            switch (attempt.way()) {
                case Way.ByBasic _ -> refused(login, wrongLogin ? EVERYWHERE : SOMEWHERE);
                case Way.ByToken(TokenScope scope) -> refused(login, scope.scope());
            }
        });
    }

    private boolean isRefused(Login login, String scope) {
        return refused.find(new Refusal(login, scope)).isPresent();
    }

    /** A login that was good elsewhere is no wrong one because it does not open this. */
    private void refused(Login login, String scope) {
        refused.put(new Refusal(login, scope), true);
        if (scope.equals(EVERYWHERE) || !lastAccepted.equals(Optional.of(login))) {
            health.credentialsValid(false);
        }
    }
}
