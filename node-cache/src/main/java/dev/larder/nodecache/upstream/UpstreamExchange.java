package dev.larder.nodecache.upstream;

import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.source.Breaker;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.source.SourceResult;
import dev.larder.nodecache.source.SourceResult.Audience;
import dev.larder.nodecache.source.SourceResult.Found;
import dev.larder.nodecache.source.SourceResult.NotFound;
import dev.larder.nodecache.source.SourceResult.Unavailable;
import dev.larder.nodecache.upstream.Negotiation.Answer;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One request to an upstream with everything around it: the breaker, the login ({@link Negotiation}), and an answer for
 * every status.
 */
final class UpstreamExchange {

    private final UpstreamSettings settings;
    private final Negotiation negotiation;
    private final UpstreamHealth health;
    private final Clock clock;
    private final Breaker breaker;

    UpstreamExchange(UpstreamSettings settings, Negotiation negotiation, UpstreamHealth health, Clock clock) {
        this.settings = settings;
        this.negotiation = negotiation;
        this.health = health;
        this.clock = clock;
        this.breaker = Breaker.ofServer(clock);
    }

    /** Whether the upstream is left alone now, since it failed several times in a row. */
    boolean isLeftAlone() {
        return breaker.isOpen();
    }

    /** What to make of a 2xx answer. */
    interface Reader<T> {
        T read(UpstreamResponse response) throws InterruptedException;
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
            var wanted = new Negotiation.Wanted(endpoint, repository, from, deadline);
            return switch (negotiation.negotiate(wanted, caller)) {
                case Answer.Given(UpstreamResponse response, Audience audience) -> {
                    health.rateLimit().saw(endpoint.counted(), response.status(), response.headers());
                    yield noted(interpret(response, audience, reader));
                }
                case Answer.TurnedAway(UpstreamResponse refusal) -> {
                    health.rateLimit().saw(endpoint.counted(), refusal.status(), refusal.headers());
                    yield noted(interpret(refusal, Audience.EVERYONE, reader));
                }
                case Answer.Refused(UpstreamFailure failure) -> noted(new Unavailable<>(failure));
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

    private <T> SourceResult<T> noted(SourceResult<T> result) {
        note(result);
        return result;
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

    private <T> SourceResult<T> interpret(UpstreamResponse response, Audience audience, Reader<T> reader)
            throws InterruptedException {
        int status = response.status();
        if (status == 200 || status == 206) {
            boolean read = false;
            try {
                refuseWhatIsNotContent(response);
                Found<T> found = new Found<>(reader.read(response), audience);
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
                settings.clients() == UpstreamSettings.Clients.IGNORED
                        ? unavailable(
                                UpstreamFailure.Kind.DENIED,
                                host + " wants other credentials than this registry's access gives it; check"
                                        + " credentialsFile, or set access: Relay to pass on the client's",
                                List.of())
                        : unavailable(
                                UpstreamFailure.Kind.UNAUTHORIZED, host + " wants credentials", response.challenges());
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
