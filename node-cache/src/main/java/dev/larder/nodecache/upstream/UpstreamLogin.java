package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Identities;
import dev.larder.nodecache.source.Identity;
import dev.larder.nodecache.source.Secret;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who asks one upstream: a client with its login, or else we: as the operator's login, if there is one, or as nobody. Answers
 * challenges, and remembers for each repository what was good, so that the next request needs no challenge, and for each
 * login where it was refused, so that a wrong one does not lock its account.
 */
final class UpstreamLogin {

    private static final Duration GOOD_FOR = Duration.ofHours(1);
    private static final Duration REFUSED_FOR = Duration.ofSeconds(60);
    private static final Duration OUR_TOKENS_LAST = Duration.ofHours(1);
    private static final int MAX_REPOSITORIES = 4096;
    /** For a refusal that goes for the login as such. */
    private static final String EVERYWHERE = "";
    /** For one that is not remembered, since nothing but the answer tells where it goes. */
    private static final String SOMEWHERE = "?";

    private final UpstreamSettings settings;
    private final TokenProvider tokens;
    private final @Nullable Credentials credentials;
    private final UpstreamHealth health;
    private final Clock clock;
    private final LoginTrials trials;
    private final BriefMemory<Where, Way> good;
    private final BriefMemory<Refusal, Boolean> refused;
    private volatile Optional<Identity> lastAccepted = Optional.empty();

    /** How a repository's challenge was answered. */
    private sealed interface Way {
        record ByBasic() implements Way {}

        record ByToken(TokenScope scope) implements Way {}
    }

    /** @param client empty for us */
    private record Where(RepositoryName repository, Optional<Identity> client) {}

    private record Refusal(Identity login, String scope) {}

    /**
     * What was good before.
     *
     * @param since when the login was last shown to who judges it
     */
    record Held(Secret header, Instant since, boolean isLogin) {}

    /**
     * An answer to a challenge; to be closed when the upstream has answered.
     *
     * @param login empty for nobody
     * @param since as in {@link Held}
     * @param trial of a client's login
     */
    record Attempt(Optional<Login> login, Way way, Secret header, Instant since, Optional<LoginTrials.Trial> trial)
            implements AutoCloseable {
        @Override
        public void close() {
            trial.ifPresent(LoginTrials.Trial::close);
        }
    }

    UpstreamLogin(
            UpstreamSettings settings,
            TokenProvider tokens,
            UpstreamHealth health,
            Identities identities,
            Clock clock) {
        this.settings = settings;
        this.tokens = tokens;
        this.health = health;
        this.clock = clock;
        this.credentials = settings.credentialsFile() == null
                ? null
                : new Credentials(settings.credentialsFile(), settings.host(), settings.registry(), identities);
        this.trials = new LoginTrials(settings.host(), identities, clock);
        this.good = new BriefMemory<>(clock, GOOD_FOR, MAX_REPOSITORIES);
        this.refused = new BriefMemory<>(clock, REFUSED_FOR, MAX_REPOSITORIES);
    }

    /**
     * What was good for this repository before, so that no challenge is needed.
     *
     * @param client empty for us
     */
    Optional<Held> known(RepositoryName repository, Optional<Login> client) {
        return good.find(where(repository, client)).flatMap(way -> switch (way) {
            case Way.ByBasic _ ->
                client.or(this::operators)
                        .filter(login -> !isWrong(login))
                        .map(login -> new Held(login.basic(), clock.instant(), true));
            case Way.ByToken(TokenScope scope) ->
                tokens.held(scope).map(token -> new Held(token.header(), token.since(), false));
        });
    }

    private static Where where(RepositoryName repository, Optional<Login> client) {
        return new Where(repository, client.map(Login::identity));
    }

    /**
     * The upstream would not have what was good before.
     *
     * @param client empty for us
     * @param wrong what was shown, if it was a login by itself, which is wrong therefore
     */
    void forget(RepositoryName repository, Optional<Login> client, Optional<Secret> wrong) {
        good.forget(where(repository, client));
        client.or(this::operators)
                .filter(login -> wrong.equals(Optional.of(login.basic())))
                .ifPresent(login -> {
                    refused(login, EVERYWHERE, client.isPresent());
                    client.ifPresent(trials::wasWrong);
                });
    }

    /**
     * Those to try in turn; of us, nobody comes last.
     *
     * @param client empty for us
     */
    List<Optional<Login>> candidates(Optional<Login> client) {
        if (client.isPresent()) {
            return List.of(client);
        }
        Optional<Login> login = operators();
        if (credentials != null && login.isEmpty()) {
            health.credentialsValid(false);
        }
        return login.isPresent() ? List.of(login, Optional.empty()) : List.of(Optional.empty());
    }

    private Optional<Login> operators() {
        return credentials == null ? Optional.empty() : credentials.read();
    }

    /** Whether the login as such was refused a short while ago. */
    boolean isWrong(Login login) {
        return refused.find(new Refusal(login.identity(), EVERYWHERE)).isPresent();
    }

    /**
     * What is to be answered.
     *
     * @param inside whether the challenge came from inside this node
     * @param rejected what the challenge was the answer to; never given again
     */
    record Challenged(RepositoryName repository, AuthChallenge challenge, boolean inside, Optional<Secret> rejected) {}

    /**
     * The candidate's answer to the challenge.
     *
     * @param isClient whether the candidate is a client, else us
     * @return empty when the candidate has none, or was refused
     * @throws UpstreamFailure when whoever gives the tokens failed, or the login must not be
     *     shown now
     */
    Optional<Attempt> answer(Challenged to, Optional<Login> candidate, boolean isClient, Deadline deadline)
            throws InterruptedException {
        if (candidate.isEmpty() || !isClient) {
            return answer(to, candidate, Optional.empty(), deadline);
        }
        LoginTrials.Trial trial = trials.of(candidate.get(), deadline);
        Optional<Attempt> attempt = Optional.empty();
        try {
            attempt = answer(to, candidate, Optional.of(trial), deadline);
            return attempt;
        } finally {
            if (attempt.isEmpty()) {
                trial.close();
            }
        }
    }

    private Optional<Attempt> answer(
            Challenged to, Optional<Login> candidate, Optional<LoginTrials.Trial> trial, Deadline deadline)
            throws InterruptedException {
        TokenScope scope = scope(to, candidate, trial.isPresent());
        if (candidate.isPresent() && (isWrong(candidate.get()) || isRefused(candidate.get(), scope.scope()))) {
            return Optional.empty();
        }
        if (!to.challenge().isBearer()) {
            return basic(to, candidate, trial);
        }
        trial.ifPresent(LoginTrials.Trial::begin);
        return switch (tokens.get(scope, candidate, to.rejected(), deadline)) {
            // Which does not make it right: Harbor gives nobody's token for a wrong one.
            case TokenAnswer.Granted(Secret header, Duration _, Instant since) ->
                Optional.of(new Attempt(candidate, new Way.ByToken(scope), header, since, trial));
            case TokenAnswer.Refused(int status) -> {
                if (status == 400 || status == 401 || status == 403) {
                    trial.ifPresent(LoginTrials.Trial::wasWrong);
                }
                candidate.ifPresent(
                        login -> refused(login, status == 401 ? EVERYWHERE : scope.scope(), trial.isPresent()));
                yield Optional.empty();
            }
            case TokenAnswer.OutOfBounds _ -> {
                candidate.ifPresent(login -> refused(login, scope.scope(), trial.isPresent()));
                if (trial.isPresent()) {
                    throw new UpstreamFailure(
                            UpstreamFailure.Kind.DENIED,
                            settings.host(),
                            settings.host() + " names a token server that is not its own, by host, domain and https;"
                                    + " no login is sent there");
                }
                yield Optional.empty();
            }
        };
    }

    private Optional<Attempt> basic(Challenged to, Optional<Login> candidate, Optional<LoginTrials.Trial> trial) {
        Optional<Secret> header = candidate
                .filter(login -> to.challenge().isBasic() && !login.refresh())
                .map(Login::basic)
                .filter(basic -> !to.rejected().equals(Optional.of(basic)));
        if (header.isEmpty()) {
            return Optional.empty();
        }
        trial.ifPresent(LoginTrials.Trial::begin);
        return Optional.of(new Attempt(candidate, new Way.ByBasic(), header.get(), clock.instant(), trial));
    }

    /** Some registries leave it to the client to know what it wants (containerd and docker always say it too). */
    private TokenScope scope(Challenged to, Optional<Login> login, boolean isClient) {
        String prefix = settings.pathPrefix().isEmpty() ? "" : settings.pathPrefix() + "/";
        AuthChallenge challenge = to.challenge();
        String scope = challenge.scope().isBlank()
                ? "repository:" + prefix + to.repository() + ":pull"
                : challenge.scope().strip();
        return new TokenScope(
                to.inside(),
                challenge.realm(),
                challenge.service(),
                scope,
                login.map(Login::identity),
                isClient ? Caller.LOGIN_COUNTS_FOR : OUR_TOKENS_LAST);
    }

    /**
     * The upstream let the attempt in.
     *
     * @param client empty for us
     */
    void accepted(RepositoryName repository, Optional<Login> client, Attempt attempt) {
        good.put(where(repository, client), attempt.way());
        attempt.trial().ifPresent(LoginTrials.Trial::wasRight);
        if (client.isEmpty() && attempt.login().isPresent()) {
            lastAccepted = attempt.login().map(Login::identity);
            health.credentialsValid(true);
        }
    }

    /**
     * The upstream would not have the attempt.
     *
     * @param wrongLogin whether it said that the login itself is no good
     */
    void turnedDown(Attempt attempt, Optional<Login> client, boolean wrongLogin) {
        boolean isLogin = attempt.way() instanceof Way.ByBasic;
        attempt.trial()
                .ifPresent(wrongLogin && isLogin ? LoginTrials.Trial::wasWrong : LoginTrials.Trial::openedNothing);
        attempt.login().ifPresent(login -> {
            switch (attempt.way()) {
                case Way.ByBasic _ -> refused(login, wrongLogin ? EVERYWHERE : SOMEWHERE, client.isPresent());
                case Way.ByToken(TokenScope scope) -> refused(login, scope.scope(), client.isPresent());
            }
        });
    }

    private boolean isRefused(Login login, String scope) {
        return refused.find(new Refusal(login.identity(), scope)).isPresent();
    }

    /** A login that was good elsewhere is no wrong one because it does not open this. */
    private void refused(Login login, String scope, boolean isClient) {
        refused.put(new Refusal(login.identity(), scope), true);
        if (!isClient && (scope.equals(EVERYWHERE) || !lastAccepted.equals(Optional.of(login.identity())))) {
            health.credentialsValid(false);
        }
    }
}
