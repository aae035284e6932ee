package dev.larder.nodecache.http;

import dev.larder.nodecache.error.CacheException;
import dev.larder.nodecache.error.Overloaded;
import dev.larder.nodecache.mirror.CopyJobs;
import dev.larder.nodecache.mirror.ImageSignatures;
import dev.larder.nodecache.oci.Descriptor;
import dev.larder.nodecache.oci.ImageName;
import dev.larder.nodecache.registry.UpstreamQuestions;
import dev.larder.nodecache.source.Deadline;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for the operator alone, over TLS with certificates on both sides: {@code GET /jobs/v1/status}, the whole of
 * the status; {@code GET /jobs/v1/tags?image=} and {@code GET /jobs/v1/manifest?image=}, what an upstream says now; {@code POST /jobs/v1/copy} and {@code POST
 * /jobs/v1/untag}, what is to be at another registry; {@code POST /jobs/v1/verify}, whether an image is signed. A few at once, each within half a minute.
 */
public final class JobServer {

    /** The image whose tags are asked for has none itself. */
    private static final String ANY_TAG = ":latest";

    private static final String STATUS = "/jobs/v1/status";
    private static final int AT_ONCE = 8;
    private static final int MAX_BODY = 256 * 1024;
    private static final Duration EACH = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(JobServer.class);

    private final Vertx vertx;
    private final Settings settings;
    private final Answers answers;
    private final JobRequests requests;
    private final ExecutorService threads;
    private final Semaphore places = new Semaphore(AT_ONCE);
    /** Of its own: a node whose places are all taken by copies is well, and has to be able to say so. */
    private final Semaphore placesForStatus = new Semaphore(AT_ONCE);

    private volatile @Nullable HttpServer server;

    /**
     * Where to listen and whom to let in; PEM files.
     *
     * @param clientName a DNS name in the client's certificate
     */
    public record Settings(
            String host, int port, Path certificate, Path key, Path clientCertificates, String clientName) {}

    /**
     * Who knows the answers.
     *
     * @param signatures one for each question
     */
    public record Answers(
            AdminServer.Reports reports,
            UpstreamQuestions upstreams,
            CopyJobs copies,
            Supplier<ImageSignatures> signatures) {}

    /** @param threads one virtual thread a task */
    public JobServer(Vertx vertx, Settings settings, Answers answers, ExecutorService threads) {
        this.vertx = vertx;
        this.settings = settings;
        this.answers = answers;
        this.requests = new JobRequests(answers.copies(), answers.signatures());
        this.threads = threads;
    }

    /** Fails when the address cannot be had or a file makes no sense; it can then be tried again. Ends with Vert.x. */
    public CompletionStage<Void> start() {
        HttpServer created = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(settings.host())
                        .setPort(settings.port())
                        .setIdleTimeout(60)
                        .setUseAlpn(false)
                        .setSsl(true)
                        .setClientAuth(ClientAuth.REQUIRED)
                        .setKeyCertOptions(keys())
                        .setTrustOptions(trust()))
                .requestHandler(this::handle);
        return created.listen()
                .onSuccess(listening -> server = listening)
                .<Void>mapEmpty()
                .toCompletionStage();
    }

    /** Takes over the files as they are now, for connections from now on. */
    public CompletionStage<Void> reload() {
        HttpServer running = server;
        return running == null
                ? CompletableFuture.completedFuture(null)
                : running.updateSSLOptions(
                                new ServerSSLOptions()
                                        .setClientAuth(ClientAuth.REQUIRED)
                                        .setKeyCertOptions(keys())
                                        .setTrustOptions(trust()),
                                true)
                        .<Void>mapEmpty()
                        .toCompletionStage();
    }

    public int port() {
        HttpServer running = server;
        return running == null ? -1 : running.actualPort();
    }

    private PemKeyCertOptions keys() {
        return new PemKeyCertOptions()
                .setCertPath(settings.certificate().toString())
                .setKeyPath(settings.key().toString());
    }

    private PemTrustOptions trust() {
        return new PemTrustOptions().addCertPath(settings.clientCertificates().toString());
    }

    private void handle(HttpServerRequest request) {
        if (!isOperator(request)) {
            send(request, 403, new JsonObject().put("error", "this certificate is not the operator's"));
            return;
        }
        if (request.method().equals(HttpMethod.POST)) {
            withBody(request);
            return;
        }
        if (request.method().equals(HttpMethod.GET) && STATUS.equals(request.path())) {
            int names = number(request.getParam("waiting"));
            answer(request, placesForStatus, () -> answers.reports().whole(names));
            return;
        }
        String image = request.getParam("image");
        if (!request.method().equals(HttpMethod.GET) || image == null) {
            send(request, 400, new JsonObject().put("error", "GET …?image=registry/repository[:tag|@digest]"));
        } else {
            answer(request, places, () -> asked(String.valueOf(request.path()), image));
        }
    }

    private static int number(@Nullable String text) {
        return text != null && text.matches("[0-9]{1,6}") ? Integer.parseInt(text) : 0;
    }

    private void withBody(HttpServerRequest request) {
        Buffer whole = Buffer.buffer();
        request.handler(piece -> {
            if (request.response().ended()) {
                return; // let go by: closing the connection with some of it unread would take the answer back
            }
            if (whole.length() + piece.length() > MAX_BODY) {
                send(request, 413, new JsonObject().put("error", "more than " + MAX_BODY + " bytes"));
            } else {
                whole.appendBuffer(piece);
            }
        });
        request.endHandler(v -> {
            if (!request.response().ended()) {
                answer(request, places, () -> requests.answer(String.valueOf(request.path()), whole));
            }
        });
    }

    private interface Job {
        JsonObject run() throws InterruptedException;
    }

    /** The certificate has been verified by now: one of the same issuer, which the node caches have too. */
    private boolean isOperator(HttpServerRequest request) {
        try {
            X509Certificate certificate =
                    (X509Certificate) request.connection().sslSession().getPeerCertificates()[0];
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names != null
                    && names.stream().anyMatch(name -> settings.clientName().equals(name.get(1)));
        } catch (SSLPeerUnverifiedException | CertificateParsingException e) {
            return false;
        }
    }

    private void answer(HttpServerRequest request, Semaphore places, Job job) {
        if (!places.tryAcquire()) {
            fail(request, new Overloaded("jobs at once", AT_ONCE));
            return;
        }
        Context loop = Objects.requireNonNull(Vertx.currentContext());
        threads.execute(() -> {
            Runnable answer;
            try {
                answer = outcome(request, job);
            } finally {
                places.release(); // first, since whoever has the answer may ask the next thing at once
            }
            loop.runOnContext(v -> answer.run());
        });
    }

    private Runnable outcome(HttpServerRequest request, Job job) {
        try {
            JsonObject body = job.run();
            return () -> send(request, 200, body);
        } catch (CacheException e) {
            return () -> fail(request, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return () -> {};
        } catch (RuntimeException | Error e) {
            LOG.atError().setCause(e).log("a job failed because of a bug");
            return () ->
                    send(request, 500, new JsonObject().put("error", "a bug in the node cache; its log says more"));
        }
    }

    private JsonObject asked(String path, String image) throws InterruptedException {
        Deadline deadline = Deadline.in(EACH);
        switch (path) {
            case "/jobs/v1/tags" -> {
                List<String> tags = answers.upstreams()
                        .tags(ImageName.parse(image + ANY_TAG).repository(), deadline);
                return new JsonObject().put("tags", new JsonArray(tags));
            }
            case "/jobs/v1/manifest" -> {
                ImageName name = ImageName.parse(image);
                Descriptor found = answers.upstreams().manifest(name.repository(), name.reference(), deadline);
                return new JsonObject()
                        .put("digest", found.digest().toString())
                        .put("mediaType", found.mediaType().value());
            }
            default -> throw JobRequests.noSuchJob();
        }
    }

    private static void fail(HttpServerRequest request, CacheException failure) {
        ErrorResponse response = ErrorResponse.of(failure);
        send(
                request,
                response.status(),
                new JsonObject()
                        .put("error", response.message())
                        .put("code", response.code().name()));
    }

    private static void send(HttpServerRequest request, int status, JsonObject body) {
        request.response()
                .setStatusCode(status)
                .putHeader("Content-Type", "application/json")
                .end(body.encode());
    }
}
