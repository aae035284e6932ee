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
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
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

    private final UpstreamSettings settings;
    private final UpstreamClient client;
    private final TokenProvider tokens;
    private final @Nullable Credentials credentials;
    private final UpstreamHealth health;
    private final Clock clock;
    private final Breaker breaker;

    /** Repositories that refused nobody a short while ago: a client that has credentials is taken at its word. */
    private final BriefMemory<RepositoryName, Boolean> notForNobody;

    UpstreamExchange(
            UpstreamSettings settings,
            UpstreamClient client,
            TokenProvider tokens,
            UpstreamHealth health,
            Clock clock) {
        this.settings = settings;
        this.client = client;
        this.tokens = tokens;
        this.credentials = settings.credentialsFile() == null
                ? null
                : new Credentials(settings.credentialsFile(), settings.host(), settings.registry());
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
        Optional<Secret> held = tokens.known(repository);
        UpstreamResponse first = send(endpoint, held.orElse(null), from, deadline);
        if (first.status() != 401) {
            return new Answer.Given(first, Audience.EVERYONE);
        }
        Optional<Secret> ours;
        try {
            ours = login(first, repository, held, deadline);
        } catch (UpstreamFailure e) {
            first.close();
            return clients == null
                    ? new Answer.NoLogin(e)
                    : new Answer.Given(send(endpoint, clients, from, deadline), Audience.CALLER);
        }
        if (ours.isPresent()) {
            UpstreamResponse second = send(endpoint, ours.get(), from, deadline);
            if (second.status() != 401 && second.status() != 403) {
                first.close();
                noteCredentials(true);
                return new Answer.Given(second, Audience.EVERYONE);
            }
            second.close();
        }
        noteCredentials(false);
        notForNobody.put(repository, true);
        if (clients == null) {
            return new Answer.Given(first, Audience.CALLER);
        }
        first.close();
        return new Answer.Given(send(endpoint, clients, from, deadline), Audience.CALLER);
    }

    private UpstreamResponse send(Endpoint endpoint, @Nullable Secret authorization, long from, Deadline deadline)
            throws InterruptedException {
        try {
            return client.send(endpoint, authorization, from, deadline);
        } catch (UpstreamFailure e) {
            if (e.kind() != UpstreamFailure.Kind.UNREACHABLE || deadline.isOver()) {
                throw e;
            }
            // Most often a kept connection that the other side has closed meanwhile; a second time is no accident.
            return client.send(endpoint, authorization, from, deadline);
        }
    }

    private Optional<Secret> login(
            UpstreamResponse refusal, RepositoryName repository, Optional<Secret> rejected, Deadline deadline)
            throws InterruptedException {
        Optional<AuthChallenge> challenge = refusal.header("www-authenticate").flatMap(AuthChallenge::parse);
        Optional<Secret> basic = credentials == null ? Optional.empty() : credentials.basic();
        if (challenge.isEmpty()) {
            return Optional.empty();
        }
        return challenge.get().isBearer()
                ? tokens.answer(repository, challenge.get(), refusal.inside(), basic, rejected, deadline)
                : challenge.get().isBasic() ? basic : Optional.empty();
    }

    private void noteCredentials(boolean valid) {
        if (credentials != null) {
            health.credentialsValid(valid);
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
                                UpstreamFailure.Kind.UNAUTHORIZED,
                                host + " wants credentials",
                                response.header("www-authenticate").orElse(null))
                        : unavailable(
                                UpstreamFailure.Kind.DENIED,
                                host + " wants other credentials than this registry's access gives it; check"
                                        + " credentialsFile, or set access: Relay to pass on the client's",
                                null);
            case 403 -> unavailable(UpstreamFailure.Kind.DENIED, host + " refused with 403", null);
            case 429 ->
                unavailable(
                        UpstreamFailure.Kind.THROTTLED,
                        host
                                + " allows no more requests for now (429); wait, or give it credentials with a higher limit",
                        null);
            default ->
                unavailable(
                        status >= 500 ? UpstreamFailure.Kind.UNREACHABLE : UpstreamFailure.Kind.MALFORMED,
                        host + " answered " + status,
                        null);
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

    private <T> SourceResult<T> unavailable(UpstreamFailure.Kind kind, String message, @Nullable String challenge) {
        return new Unavailable<>(new UpstreamFailure(kind, settings.host(), message, challenge, null));
    }
}
