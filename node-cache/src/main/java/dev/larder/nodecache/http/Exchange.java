package dev.larder.nodecache.http;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.InvalidRequest;
import dev.larder.nodecache.error.Overloaded;
import dev.larder.nodecache.oci.Accept;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.registry.ByteRange;
import dev.larder.nodecache.registry.Outcome;
import dev.larder.nodecache.registry.RegistryRequest;
import dev.larder.nodecache.registry.RegistryResponse;
import dev.larder.nodecache.registry.RegistryService;
import dev.larder.nodecache.registry.Route;
import dev.larder.nodecache.source.Caller;
import dev.larder.nodecache.source.Identities;
import dev.larder.nodecache.source.Secret;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request from its line to its log entry. Lives on the request's event loop, apart from the answering of what is not
 * known here, which runs in a virtual thread and is interrupted when the client leaves.
 */
final class Exchange {

    private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final Context context;
    private final AccessLog log;
    private final Predicate<RegistryHost> serves;
    private final Identities identities;
    private final Runnable onEnd;
    private final long began = System.nanoTime();

    // All of these belong to the event loop.
    private @Nullable Route route;
    private Outcome outcome = Outcome.REFUSED;
    private String message = "";
    private long firstByteAt;
    private boolean over;
    private long sentByKernel;
    private boolean whole;

    Exchange(
            HttpServerRequest request,
            AccessLog log,
            Predicate<RegistryHost> serves,
            Identities identities,
            Runnable onEnd) {
        this.request = request;
        this.response = request.response();
        this.context = Objects.requireNonNull(Vertx.currentContext());
        this.log = log;
        this.serves = serves;
        this.identities = identities;
        this.onEnd = onEnd;
    }

    /** Answers at once that there is too much to do. */
    void refuseOverloaded(int limit) {
        try {
            route = parse().route();
        } catch (RuntimeException _) {
            // What makes no sense is refused all the same, and counted under no registry.
        }
        refuse(new Overloaded("limits.requests", limit));
    }

    /** Answers at once what is known here; everything else in a virtual thread. */
    void serve(RegistryService service, ExecutorService threads, ResponseWriter.Resources resources) {
        try {
            RegistryRequest wanted = read();
            Optional<RegistryResponse> known = service.serveNow(wanted);
            if (known.isPresent()) {
                response.closeHandler(gone -> finish(true));
                new ResponseWriter(this, response, context, Runnable::run, resources).write(known.get());
            } else {
                Future<?> answering = threads.submit(() -> answer(service, wanted, resources));
                response.closeHandler(gone -> {
                    answering.cancel(true);
                    finish(true);
                });
            }
        } catch (CacheException e) {
            answering(() -> refuse(e));
        } catch (RejectedExecutionException e) {
            refuse(new Overloaded("timeouts.shutdown (it is stopping)", 0));
        } catch (InterruptedException e) {
            throw new IllegalStateException("what is known is written without waiting", e);
        } catch (RuntimeException e) {
            fail(bug(e));
        }
    }

    /** Whatever it is, the client must not wait for an answer that never comes. */
    private static ErrorResponse bug(Throwable e) {
        LOG.atError().setCause(e).log("a request failed because of a bug");
        return ErrorResponse.internal();
    }

    private boolean hasBody() {
        String length = request.getHeader("Content-Length");
        return request.getHeader("Transfer-Encoding") != null || (length != null && !length.equals("0"));
    }

    private Routes.Parsed parse() {
        return Routes.parse(
                request.method().name(),
                Objects.requireNonNullElse(request.path(), ""),
                request.query(),
                request.getHeader("OCI-Namespace"));
    }

    private RegistryRequest read() {
        Routes.Parsed parsed = parse();
        if (hasBody()) {
            throw new InvalidRequest(InvalidRequest.Kind.BODY, "a pull has no request body; send none");
        }
        route = parsed.route();
        parsed.namespace().ifPresent(name -> response.putHeader("OCI-Namespace", name));
        Optional<ByteRange> range = range(parsed.route());
        String authorization = request.getHeader("Authorization");
        return new RegistryRequest(
                parsed.route(),
                request.method().name().equals("HEAD"),
                Accept.of(String.join(", ", request.headers().getAll("Accept"))),
                range.orElse(ByteRange.ALL),
                range.isPresent(),
                authorization == null ? Caller.ANONYMOUS : identities.caller(new Secret(authorization)),
                RegistryRequest.AT_ONCE);
    }

    /**
     * The range to honour: of a blob, by GET, and not if it is meant for another content than this digest's (RFC 9110,
     * sections 14.2 and 13.1.5; registries give a blob's digest as its ETag).
     */
    private Optional<ByteRange> range(Route wanted) {
        if (!(wanted instanceof Route.Blob blob) || !request.method().equals(HttpMethod.GET)) {
            return Optional.empty();
        }
        String validator = request.getHeader("If-Range");
        boolean ours = validator == null || validator.equals("\"" + blob.digest() + "\"");
        return ours ? RangeHeader.parse(request.headers().getAll("Range")) : Optional.empty();
    }

    /** In a virtual thread: decides, then streams if the answer is still on its way here. */
    private void answer(RegistryService service, RegistryRequest wanted, ResponseWriter.Resources resources) {
        try {
            RegistryResponse answer = service.serve(wanted);
            new ResponseWriter(this, response, context, this::onLoop, resources).write(answer);
        } catch (CacheException e) {
            onLoop(() -> refuse(e));
        } catch (InterruptedException e) {
            // The client has gone; the close handler has written it down.
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            ErrorResponse error = bug(e);
            context.runOnContext(v -> refuse(error));
        }
    }

    /** Runs a step of the answer on the event loop; what comes out of it is answered as a bug (ExchangeTest). */
    void onLoop(Runnable step) {
        context.runOnContext(v -> answering(step));
    }

    private void answering(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            fail(bug(e));
        }
    }

    /** On the event loop, when the head is about to go out. */
    void begins(Outcome from) {
        outcome = from;
        firstByteAt = System.nanoTime();
    }

    boolean isTls() {
        return request.isSSL();
    }

    HttpConnection connection() {
        return request.connection();
    }

    /** On the event loop: bytes that go out past the response. */
    void sent(long bytes) {
        sentByKernel += bytes;
    }

    /** On the event loop: the socket has taken all of the body, so whoever leaves now has it. */
    void whole() {
        whole = true;
    }

    /** On the event loop: ends the response short of its length by an ordinary close, so that the client resumes. */
    void cut(String why) {
        message = why;
        finish(true);
        request.connection().close();
    }

    /** On the event loop: as an error if nothing has gone out yet, otherwise by ending the body early. */
    void fail(CacheException failure) {
        fail(ErrorResponse.of(failure));
    }

    private void fail(ErrorResponse error) {
        if (!response.headWritten()) {
            String namespace = response.headers().get("OCI-Namespace");
            response.headers().clear();
            if (namespace != null) {
                response.putHeader("OCI-Namespace", namespace);
            }
        }
        refuse(error);
    }

    private void refuse(CacheException failure) {
        refuse(ErrorResponse.of(failure));
    }

    private void refuse(ErrorResponse error) {
        if (response.headWritten()) {
            cut(error.message());
            return;
        }
        if (response.closed()) {
            finish(true);
            return;
        }
        begins(Outcome.REFUSED);
        message = error.message();
        Buffer body = Buffer.buffer(error.json());
        response.setStatusCode(error.status())
                .putHeader("Content-Type", "application/json")
                .putHeader("Larder-Outcome", Outcome.REFUSED.label())
                .putHeader("Content-Length", Integer.toString(body.length()));
        error.size().ifPresent(size -> response.putHeader("Content-Range", "bytes */" + size));
        if (!error.challenges().isEmpty()) {
            response.putHeader("WWW-Authenticate", error.challenges())
                    .putHeader("Docker-Distribution-Api-Version", "registry/2.0");
        }
        boolean close = hasBody();
        if (close) {
            response.putHeader("Connection", "close");
        }
        var sent = request.method().name().equals("HEAD") ? response.end() : response.end(body);
        sent.onComplete(done -> {
            finish(done.failed());
            if (close) {
                // What is on its way is not read.
                request.connection().close();
            }
        });
    }

    /** On the event loop; only the first call counts. */
    void finish(boolean wasCut) {
        if (over) {
            return;
        }
        over = true;
        onEnd.run();
        long now = System.nanoTime();
        boolean known = route instanceof Route.InRepository in
                && serves.test(in.repository().registry());
        boolean begun = firstByteAt != 0;
        log.finished(new AccessLog.Entry(
                request.method().name(),
                route,
                known,
                begun ? response.getStatusCode() : 499,
                outcome,
                response.bytesWritten() + sentByKernel,
                wasCut && !whole,
                begun || !message.isEmpty() ? message : "the client left before an answer",
                (begun ? firstByteAt : now) - began,
                now - began,
                String.valueOf(request.remoteAddress())));
    }
}
