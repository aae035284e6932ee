package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.Breaker;
import dev.larder.nodecache.source.BriefMemory;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.Secret;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Audience;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One request to an upstream with everything around it: the breaker, the login, and an answer for every status.
 *
 * <p>The order of identities: nobody (with an anonymous token if the upstream wants one), or the operator-given login; then
 * the client's own Authorization, if relaying is allowed and the upstream would not have nobody.
 */
final class UpstreamExchange {

    private static final Duration PRIVATE_FOR = Duration.ofSeconds(60);
    private static final int MAX_PRIVATE = 4096;
    private static final int MAX_REFUSAL = 16 * 1024;
    private static final Pattern WRONG_LOGIN = Pattern.compile("(?i)authorization token (?:has expired|is invalid)");

    private final UpstreamSettings settings;
    private final UpstreamClient client;
    private final UpstreamLogin login;
    private final UpstreamHealth health;
    private final Clock clock;
    private final Breaker breaker;

    /** Repositories that refused nobody a short while ago: a client that has credentials is taken at its word. */
    private final BriefMemory<RepositoryName, Boolean> notForNobody;

    UpstreamExchange(
            UpstreamSettings settings, UpstreamClient client, UpstreamLogin login, UpstreamHealth health, Clock clock) {
        this.settings = settings;
        this.client = client;
        this.login = login;
        this.health = health;
        this.clock = clock;
        this.breaker = Breaker.ofServer(clock);
        this.notForNobody = new BriefMemory<>(clock, PRIVATE_FOR, MAX_PRIVATE);
    }

    /** What to make of a 2xx answer. */
    interface Reader<T> {
        T read(UpstreamResponse response) throws InterruptedException;
    }

    /** How a request ended that may have needed a login. */
    private sealed interface Answer {
        record Given(UpstreamResponse response, Audience audience) implements Answer {}

        /** The upstream answered with a challenge, and whoever gives the tokens for it failed. */
        record NoLogin(UpstreamFailure failure) implements Answer {}
    }

    /** Sends, reads the answer and closes it; once more when it breaks off in the middle, since it is short. */
    <T> SourceResult<T> call(
            Endpoint endpoint, RepositoryName repository, Caller caller, long from, Deadline deadline, Reader<T> reader)
            throws InterruptedException {
        AtomicBoolean begun = new AtomicBoolean();
        Reader<T> whole = response -> {
            begun.set(true);
            try (response) {
                return reader.read(response);
            }
        };
        SourceResult<T> result = open(endpoint, repository, caller, from, deadline, whole);
        boolean broke = begun.get()
                && result instanceof Unavailable<T>(UpstreamFailure failure)
                && failure.kind() == UpstreamFailure.Kind.UNREACHABLE;
        return broke && !deadline.isOver() ? open(endpoint, repository, caller, from, deadline, whole) : result;
    }

    /** Sends and reads the answer's head; on success the body is the reader's to close. */
    <T> SourceResult<T> open(
            Endpoint endpoint, RepositoryName repository, Caller caller, long from, Deadline deadline, Reader<T> reader)
            throws InterruptedException {
        Optional<UpstreamFailure> why = notAsked(endpoint, caller);
        if (why.isPresent()) {
            return new Unavailable<>(why.get());
        }
        try {
            return switch (negotiate(endpoint, repository, caller, from, deadline)) {
                case Answer.Given answer -> {
                    UpstreamResponse response = answer.response();
                    health.rateLimit().saw(endpoint.counted(), response.status(), response.headers());
                    SourceResult<T> result = interpret(answer, reader);
                    note(result);
                    yield result;
                }
                case Answer.NoLogin(UpstreamFailure failure) -> {
                    // The upstream is well: who has a token goes on as before.
                    breaker.succeeded();
                    health.answered(clock.instant(), String.valueOf(failure.getMessage()));
                    yield new Unavailable<>(failure);
                }
            };
        } catch (UpstreamFailure e) {
            note(new Unavailable<>(e));
            return new Unavailable<>(e);
        } catch (InvalidRequest | IllegalArgumentException e) {
            return new Unavailable<>(new UpstreamFailure(
                    UpstreamFailure.Kind.MALFORMED,
                    settings.host(),
                    settings.host() + " sent a header that makes no sense: " + e.getMessage(),
                    null,
                    e));
        }
    }

    /** Why the upstream is not even asked, if so: by what it said before. */
    private Optional<UpstreamFailure> notAsked(Endpoint endpoint, Caller caller) {
        String host = settings.host();
        RateLimit limit = health.rateLimit();
        Optional<Instant> closed = limit.closedUntil(endpoint.counted());
        if (closed.isPresent()) {
            return Optional.of(new UpstreamFailure(
                    UpstreamFailure.Kind.THROTTLED,
                    host,
                    host + " allows no more requests until " + closed.get().truncatedTo(ChronoUnit.SECONDS)
                            + " and is not asked; credentials with a higher limit would help"));
        }
        if (caller.frugal() && endpoint.isMeasured() && limit.keeps(endpoint.isHead())) {
            return Optional.of(new UpstreamFailure(
                    UpstreamFailure.Kind.THROTTLED,
                    host,
                    host + " has only " + limit.remaining().orElse(0) + " of "
                            + limit.limit().orElse(0)
                            + " requests left, kept for images that are not here yet (rateBudget.reserve)"));
        }
        if (!breaker.allows()) {
            return Optional.of(new UpstreamFailure(
                    UpstreamFailure.Kind.UNREACHABLE,
                    host,
                    host + " failed several times in a row and is left alone for a moment; last: "
                            + health.lastError()));
        }
        return Optional.empty();
    }

    private void note(SourceResult<?> result) {
        if (!(result instanceof Unavailable<?>(UpstreamFailure failure))) {
            breaker.succeeded();
            health.answered(clock.instant(), "");
            return;
        }
        String message = String.valueOf(failure.getMessage());
        boolean throttled = failure.kind() == UpstreamFailure.Kind.THROTTLED;
        if (failure.kind().isUpstreamsFault() && !throttled) {
            breaker.failed();
            health.failed(clock.instant(), message);
        } else {
            breaker.succeeded();
            health.answered(clock.instant(), throttled ? message : "");
        }
    }

    private Answer negotiate(Endpoint endpoint, RepositoryName repository, Caller caller, long from, Deadline deadline)
            throws InterruptedException {
        @Nullable Secret clients = settings.relay() ? caller.authorization() : null;
        if (clients != null && notForNobody.find(repository).isPresent()) {
            return new Answer.Given(send(endpoint, clients, from, deadline), Audience.CALLER);
        }
        Optional<Secret> held = login.known(repository);
        UpstreamResponse first = send(endpoint, held.orElse(null), from, deadline);
        if (held.isPresent() && mayBeStale(first)) {
            login.forget(repository);
            first = challenged(first, endpoint, from, deadline);
        }
        if (first.status() != 401) {
            return new Answer.Given(first, Audience.EVERYONE);
        }
        // Of the refusal, nothing but its head is of use from here on.
        first.close();
        Ours ours = asOurselves(first, endpoint, repository, from, held, deadline);
        if (ours.given().isPresent()) {
            return new Answer.Given(ours.given().get(), Audience.EVERYONE);
        }
        if (ours.noLogin().isPresent() && clients == null) {
            return new Answer.NoLogin(ours.noLogin().get());
        }
        if (ours.noLogin().isEmpty()) {
            notForNobody.put(repository, true);
        }
        return new Answer.Given(clients == null ? first : send(endpoint, clients, from, deadline), Audience.CALLER);
    }

    /**
     * What the upstream gives to the operator's login, or else to nobody.
     *
     * @param given empty when it gives nothing to either
     * @param noLogin why one of them could not be shown: whoever gives the tokens failed
     */
    private record Ours(Optional<UpstreamResponse> given, Optional<UpstreamFailure> noLogin) {}

    private Ours asOurselves(
            UpstreamResponse refusal,
            Endpoint endpoint,
            RepositoryName repository,
            long from,
            Optional<Secret> rejected,
            Deadline deadline)
            throws InterruptedException {
        Optional<AuthChallenge> challenge = AuthChallenge.best(refusal.challenges());
        Optional<UpstreamFailure> noLogin = Optional.empty();
        if (challenge.isEmpty()) {
            return new Ours(Optional.empty(), noLogin);
        }
        for (Optional<Login> candidate : login.candidates()) {
            if (candidate.isEmpty() && notForNobody.find(repository).isPresent()) {
                continue;
            }
            Optional<UpstreamLogin.Attempt> attempt;
            try {
                attempt = login.answer(repository, challenge.get(), refusal.inside(), candidate, rejected, deadline);
            } catch (UpstreamFailure e) {
                noLogin = Optional.of(e);
                continue;
            }
            if (attempt.isEmpty()) {
                continue;
            }
            UpstreamResponse response = send(endpoint, attempt.get().header(), from, deadline);
            if (response.status() != 401 && response.status() != 403) {
                login.accepted(repository, attempt.get());
                return new Ours(Optional.of(response), noLogin);
            }
            login.turnedDown(attempt.get(), saysWrongLogin(response, deadline));
            response.close();
        }
        return new Ours(Optional.empty(), noLogin);
    }

    private UpstreamResponse send(Endpoint endpoint, @Nullable Secret authorization, long from, Deadline deadline)
            throws InterruptedException {
        try {
            return ownAnswer(client.send(endpoint, authorization, from, deadline));
        } catch (UpstreamFailure e) {
            if (e.kind() != UpstreamFailure.Kind.UNREACHABLE || deadline.isOver()) {
                throw e;
            }
            // Most often a kept connection that the other side has closed meanwhile; a second time is no accident.
            return ownAnswer(client.send(endpoint, authorization, from, deadline));
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
    private UpstreamResponse challenged(UpstreamResponse refusal, Endpoint endpoint, long from, Deadline deadline)
            throws InterruptedException {
        boolean usable = refusal.status() == 401
                && AuthChallenge.best(refusal.challenges())
                        .filter(AuthChallenge::isBearer)
                        .isPresent();
        if (usable) {
            return refusal;
        }
        refusal.close();
        return send(endpoint, null, from, deadline);
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

    private <T> SourceResult<T> interpret(Answer.Given answer, Reader<T> reader) throws InterruptedException {
        UpstreamResponse response = answer.response();
        int status = response.status();
        if (status == 200 || status == 206) {
            boolean read = false;
            try {
                refuseWhatIsNotContent(response);
                Found<T> found = new Found<>(reader.read(response), answer.audience());
                read = true;
                return found;
            } finally {
                if (!read) {
                    response.close();
                }
            }
        }
        response.close();
        String host = settings.host();
        return switch (status) {
            case 404 -> new NotFound<>(host + " answered 404");
            case 401 ->
                settings.relay()
                        ? unavailable(
                                UpstreamFailure.Kind.UNAUTHORIZED, host + " wants credentials", response.challenges())
                        : unavailable(
                                UpstreamFailure.Kind.DENIED,
                                host + " wants other credentials than this registry's access gives it; check"
                                        + " credentialsFile, or set access: Relay to pass on the client's",
                                List.of());
            case 403 -> unavailable(UpstreamFailure.Kind.DENIED, host + " refused with 403", List.of());
            case 429 ->
                unavailable(
                        UpstreamFailure.Kind.THROTTLED,
                        host
                                + " allows no more requests for now (429); wait, or give it credentials with a higher limit",
                        List.of());
            default ->
                unavailable(
                        status >= 500 ? UpstreamFailure.Kind.UNREACHABLE : UpstreamFailure.Kind.MALFORMED,
                        host + " answered " + status,
                        List.of());
        };
    }

    /**
     * A coded body has another digest (RFC 9110 section 8.4, and we asked for identity); a page is what proxies, captive
     * portals and error handlers send with 200. Known here, it costs a pull nothing; known by the digest, it breaks it.
     */
    private static void refuseWhatIsNotContent(UpstreamResponse response) {
        String coding = response.header("content-encoding").orElse("identity").strip();
        String type = response.header("content-type").orElse("").strip().toLowerCase(Locale.ROOT);
        boolean coded = !coding.isEmpty() && !coding.equalsIgnoreCase("identity");
        if (coded || type.startsWith("text/html")) {
            throw new UpstreamFailure(
                    UpstreamFailure.Kind.MALFORMED,
                    response.host(),
                    response.host() + " answered " + response.status() + " with "
                            + (coded ? "Content-Encoding " + coding : "a web page")
                            + " where a registry's content was due; check what stands between");
        }
    }

    private <T> SourceResult<T> unavailable(UpstreamFailure.Kind kind, String message, List<String> challenges) {
        return new Unavailable<>(new UpstreamFailure(kind, settings.host(), message, challenges, null));
    }
}
