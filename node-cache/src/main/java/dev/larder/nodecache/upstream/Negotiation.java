package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Secret;
import dev.larder.nodecache.source.SourceResult.Audience;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Gets a request past an upstream's login. The order of identities: nobody (with an anonymous token if the upstream wants
 * one), or the operator-given login; then, if the upstream would not have nobody, the client, by its own Authorization as it
 * came or by what the upstream gives for its login.
 */
final class Negotiation {

    private static final Duration CLOSED_FOR = Duration.ofSeconds(60);
    private static final int MAX_CLOSED = 4096;
    private static final int MAX_REFUSAL = 16 * 1024;
    private static final Pattern WRONG_LOGIN = Pattern.compile("(?i)authorization token (?:has expired|is invalid)");

    private final UpstreamSettings settings;
    private final UpstreamClient client;
    private final UpstreamLogin login;
    private final Clock clock;

    /** Repositories that refused nobody a short while ago: a client that has credentials is taken at its word. */
    private final BriefMemory<RepositoryName, Boolean> closed;

    Negotiation(UpstreamSettings settings, UpstreamClient client, UpstreamLogin login, Clock clock) {
        this.settings = settings;
        this.client = client;
        this.login = login;
        this.clock = clock;
        this.closed = new BriefMemory<>(clock, CLOSED_FOR, MAX_CLOSED);
    }

    /**
     * A request.
     *
     * @param from first byte wanted; 0 for all
     */
    record Wanted(Endpoint endpoint, RepositoryName repository, long from, Deadline deadline) {}

    /** How a request ended that may have needed a login. */
    sealed interface Answer {
        record Given(UpstreamResponse response, Audience audience) implements Answer {}

        /** The upstream answered with a challenge, and whoever gives the tokens for it failed. */
        record NoLogin(UpstreamFailure failure) implements Answer {}

        /** @param refusal the 401, closed: its head is all that is of use */
        record TurnedAway(UpstreamResponse refusal) implements Answer {}

        /** Of a client with a login. */
        record Refused(UpstreamFailure failure) implements Answer {}
    }

    Answer negotiate(Wanted wanted, Caller caller) throws InterruptedException {
        return switch (settings.clients()) {
            case IGNORED -> as(Optional.empty(), wanted, Optional.empty());
            case PASSED_ON -> passingOn(wanted, caller.authorization());
            case EXCHANGED ->
                exchanging(wanted, Optional.ofNullable(caller.shown()).flatMap(Login::of));
        };
    }

    private Answer passingOn(Wanted wanted, @Nullable Secret clients) throws InterruptedException {
        if (clients != null && isClosed(wanted)) {
            return new Answer.Given(send(wanted, clients), new Audience.OnlyCaller(clock.instant()));
        }
        Answer ours = as(Optional.empty(), wanted, Optional.empty());
        return clients == null || ours instanceof Answer.Given
                ? ours
                : new Answer.Given(send(wanted, clients), new Audience.OnlyCaller(clock.instant()));
    }

    private Answer exchanging(Wanted wanted, Optional<Login> clients) throws InterruptedException {
        Optional<UpstreamResponse> refusal = Optional.empty();
        if (clients.isEmpty() || !isClosed(wanted)) {
            Answer ours = as(Optional.empty(), wanted, Optional.empty());
            if (clients.isEmpty() || ours instanceof Answer.Given) {
                return ours;
            }
            refusal = ours instanceof Answer.TurnedAway(UpstreamResponse response)
                    ? Optional.of(response)
                    : Optional.empty();
        }
        Answer theirs = as(clients, wanted, refusal);
        return theirs instanceof Answer.TurnedAway ? new Answer.Refused(refused(wanted, clients.get())) : theirs;
    }

    private UpstreamFailure refused(Wanted wanted, Login clients) {
        String host = settings.host();
        return login.isWrong(clients)
                ? new UpstreamFailure(
                        UpstreamFailure.Kind.UNAUTHORIZED,
                        host,
                        host + " refused this login: wrong user name or password")
                : new UpstreamFailure(
                        UpstreamFailure.Kind.DENIED,
                        host,
                        host + " does not let this login into " + wanted.repository()
                                + ": check user name, password and permission");
    }

    private boolean isClosed(Wanted wanted) {
        return closed.find(wanted.repository()).isPresent();
    }

    /**
     * Asks as a client or as we.
     *
     * @param clients its login; empty for us
     * @param refusal what the upstream has just said to nobody
     */
    private Answer as(Optional<Login> clients, Wanted wanted, Optional<UpstreamResponse> refusal)
            throws InterruptedException {
        Optional<UpstreamLogin.Held> held = login.known(wanted.repository(), clients);
        Optional<Instant> since = held.map(UpstreamLogin.Held::since);
        UpstreamResponse first = held.isEmpty() && refusal.isPresent()
                ? refusal.get()
                : send(wanted, held.map(UpstreamLogin.Held::header).orElse(null));
        if (held.isPresent() && mayBeStale(first)) {
            boolean isWrong = held.get().isLogin() && first.status() == 401;
            login.forget(
                    wanted.repository(), clients, isWrong ? held.map(UpstreamLogin.Held::header) : Optional.empty());
            first = challenged(first, wanted);
            since = Optional.empty();
        }
        if (first.status() != 401) {
            return new Answer.Given(first, audience(clients, since));
        }
        first.close();
        return answering(first, clients, wanted, held.map(UpstreamLogin.Held::header));
    }

    /** @param since empty when no login was shown */
    private static Audience audience(Optional<Login> clients, Optional<Instant> since) {
        return clients.isEmpty() || since.isEmpty() ? Audience.EVERYONE : new Audience.OnlyCaller(since.get());
    }

    private Answer answering(
            UpstreamResponse refusal, Optional<Login> clients, Wanted wanted, Optional<Secret> rejected)
            throws InterruptedException {
        Optional<AuthChallenge> challenge = AuthChallenge.best(refusal.challenges());
        List<Optional<Login>> candidates = challenge.isEmpty() ? List.of() : login.candidates(clients);
        Optional<UpstreamFailure> noLogin = Optional.empty();
        for (Optional<Login> candidate : candidates) {
            if (candidate.isEmpty() && isClosed(wanted)) {
                continue;
            }
            var question = new UpstreamLogin.Challenged(
                    wanted.repository(), challenge.orElseThrow(), refusal.inside(), rejected);
            Optional<UpstreamLogin.Attempt> attempt;
            try {
                attempt = login.answer(question, candidate, clients.isPresent(), wanted.deadline());
            } catch (UpstreamFailure e) {
                noLogin = Optional.of(e);
                continue;
            }
            Optional<UpstreamResponse> given =
                    attempt.isEmpty() ? Optional.empty() : tried(attempt.get(), clients, wanted);
            if (given.isPresent()) {
                return new Answer.Given(given.get(), audience(clients, attempt.map(UpstreamLogin.Attempt::since)));
            }
        }
        if (noLogin.isPresent()) {
            return new Answer.NoLogin(noLogin.get());
        }
        if (clients.isEmpty()) {
            closed.put(wanted.repository(), true);
        }
        return new Answer.TurnedAway(refusal);
    }

    /** What the upstream gives for it; empty when it would not have it. */
    private Optional<UpstreamResponse> tried(UpstreamLogin.Attempt attempt, Optional<Login> clients, Wanted wanted)
            throws InterruptedException {
        try (attempt) {
            UpstreamResponse response = send(wanted, attempt.header());
            if (response.status() != 401 && response.status() != 403) {
                login.accepted(wanted.repository(), clients, attempt);
                return Optional.of(response);
            }
            login.turnedDown(attempt, clients, saysWrongLogin(response, wanted.deadline()));
            response.close();
            return Optional.empty();
        }
    }

    private UpstreamResponse send(Wanted wanted, @Nullable Secret authorization) throws InterruptedException {
        try {
            return ownAnswer(client.send(wanted.endpoint(), authorization, wanted.from(), wanted.deadline()));
        } catch (UpstreamFailure e) {
            if (e.kind() != UpstreamFailure.Kind.UNREACHABLE
                    || wanted.deadline().isOver()) {
                throw e;
            }
            // Most often a kept connection that the other side has closed meanwhile; a second time is no accident.
            return ownAnswer(client.send(wanted.endpoint(), authorization, wanted.from(), wanted.deadline()));
        }
    }

    /**
     * Where the upstream has sent us on, nobody's word counts on who may have what: a challenge from there, passed on, would
     * have the client log in at a place of a stranger's choice (the class of CVE-2020-15157).
     */
    private UpstreamResponse ownAnswer(UpstreamResponse response) {
        if (!mayBeStale(response) || response.host().equalsIgnoreCase(settings.host())) {
            return response;
        }
        response.close();
        throw new UpstreamFailure(
                UpstreamFailure.Kind.MALFORMED,
                settings.host(),
                settings.host() + " redirected to " + response.host() + ", which refused with " + response.status());
    }

    /**
     * Not every registry answers 401 to a token that has ended: GHCR says 403, ECR Public 400, both without a challenge
     * (LoginFlowsIT).
     */
    private static boolean mayBeStale(UpstreamResponse response) {
        return response.status() == 400 || response.status() == 401 || response.status() == 403;
    }

    /** With a challenge as for nobody: Harbor has another one for who comes with a token, some have none. */
    private UpstreamResponse challenged(UpstreamResponse refusal, Wanted wanted) throws InterruptedException {
        boolean usable = refusal.status() == 401
                && AuthChallenge.best(refusal.challenges())
                        .filter(AuthChallenge::isBearer)
                        .isPresent();
        if (usable) {
            return refusal;
        }
        refusal.close();
        return send(wanted, null);
    }

    /** Whether it is the login itself that is no good; ECR says so with 403, as to one that may not pull this. */
    private static boolean saysWrongLogin(UpstreamResponse response, Deadline deadline) throws InterruptedException {
        if (response.status() == 401) {
            return true;
        }
        try {
            String text = new String(response.body().readAll(MAX_REFUSAL, deadline), StandardCharsets.UTF_8);
            return WRONG_LOGIN.matcher(text).find();
        } catch (UpstreamFailure e) {
            return false;
        }
    }
}
