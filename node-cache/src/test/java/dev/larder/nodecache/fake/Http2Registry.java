package dev.larder.nodecache.fake;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.impl.headers.HttpHeaders;
import io.vertx.core.net.PemKeyCertOptions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A registry over TLS that speaks HTTP/2 with who wants it and HTTP/1.1 with the others. What it answers is what a {@link
 * FakeRegistry} behind it answers; what it counts are protocols and connections.
 */
public final class Http2Registry implements AutoCloseable {

    private static final int WAIT_SECONDS = 10;
    private static final long HTTP_1_1_REQUIRED = 0xd;

    /** The next so many answers with a body are reset in the middle of it. */
    public final AtomicInteger resets = new AtomicInteger();

    /** Refuses every request over HTTP/2, and says that HTTP/1.1 is wanted. */
    public volatile boolean refusesHttp2;

    /** Instead of the challenges of the registry behind, if not empty. May be one that HTTP does not allow. */
    public volatile String challenge = "";

    private final Vertx vertx = Vertx.vertx();
    private final FakeRegistry content;
    private final HttpClient client =
            vertx.createHttpClient(new PoolOptions().setHttp1MaxSize(200).setMaxWaitQueueSize(1000));
    private final HttpServer server;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();

    /** One request as it came. */
    public record Seen(String method, String path, HttpVersion version, String authority, HttpConnection connection) {
        /** What the client said that it wants to reach, when it began the connection. */
        public String serverName() {
            return connection.indicatedServerName();
        }

        public boolean isBlob() {
            return method.equals("GET") && path.contains("/blobs/");
        }
    }

    public Http2Registry(FakeRegistry content, SelfSigned certificate) {
        this.content = content;
        HttpServerOptions options = new HttpServerOptions()
                .setSsl(true)
                .setUseAlpn(true)
                .setSni(true)
                .setHost("127.0.0.1")
                .setPort(0)
                .setKeyCertOptions(new PemKeyCertOptions()
                        .addCertValue(Buffer.buffer(certificate.certificatePem()))
                        .addKeyValue(Buffer.buffer(certificate.keyPem())));
        this.server = await(vertx.createHttpServer(options)
                .connectionHandler(connection -> {
                    accepted.incrementAndGet();
                    open.add(connection);
                    connection.closeHandler(v -> open.remove(connection));
                })
                .requestHandler(this::answer)
                .listen());
        content.login().realm = url() + "/token";
    }

    private void answer(HttpServerRequest request) {
        seen.add(new Seen(
                request.method().name(),
                request.uri(),
                request.version(),
                String.valueOf(request.authority()),
                request.connection()));
        if (refusesHttp2 && request.version() == HttpVersion.HTTP_2) {
            request.response().reset(HTTP_1_1_REQUIRED);
            return;
        }
        client.request(request.method(), content.port(), "127.0.0.1", request.uri())
                .compose(forwarded -> {
                    request.headers().forEach((name, value) -> {
                        if (!name.equalsIgnoreCase("host") && !name.startsWith(":")) {
                            forwarded.putHeader(name, value);
                        }
                    });
                    return forwarded.send();
                })
                .onSuccess(answer -> pass(answer, request))
                .onFailure(e -> request.connection().close());
    }

    private void pass(HttpClientResponse answer, HttpServerRequest request) {
        request.response().setStatusCode(answer.statusCode());
        answer.headers().forEach((name, value) -> request.response().putHeader(name, value));
        if (!challenge.isEmpty() && answer.statusCode() == 401) {
            // Vert.x itself would not take it.
            ((HttpHeaders) request.response().headers()).unwrap().set("www-authenticate", challenge);
        }
        boolean reset = request.method().name().equals("GET")
                && answer.statusCode() == 200
                && resets.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
        if (!reset) {
            answer.pipeTo(request.response());
            return;
        }
        answer.body().onSuccess(body -> request.response()
                .write(body.slice(0, body.length() / 2))
                .onComplete(v -> request.response().reset()));
    }

    public int port() {
        return server.actualPort();
    }

    public String url() {
        return "https://localhost:" + port();
    }

    public List<Seen> requests() {
        return List.copyOf(seen);
    }

    /** Connections since the start. */
    public int accepted() {
        return accepted.get();
    }

    /** Tells every client to open no more streams, and ends the connections when theirs are over (RFC 9113, GOAWAY). */
    public void goAway() {
        open.forEach(connection -> connection.shutdown(WAIT_SECONDS, TimeUnit.SECONDS));
    }

    private static <T> T await(io.vertx.core.Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(WAIT_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    @Override
    public void close() {
        await(vertx.close());
    }
}
