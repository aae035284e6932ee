package dev.larder.nodecache.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.log.LogLines;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.registry.Body;
import dev.larder.nodecache.registry.Outcome;
import dev.larder.nodecache.registry.RegistryResponse;
import dev.larder.nodecache.source.Identities;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What cannot be written is answered all the same, and at once. */
class ExchangeTest {

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String UNWRITABLE = "a\u0001";

    private final Vertx vertx = Vertx.vertx();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AccessLog log = new AccessLog(
            new CacheMetrics(new PrometheusMeterRegistry(PrometheusConfig.DEFAULT)),
            new LogLines(OutputStream.nullOutputStream()));
    private final Identities identities = new Identities(() -> new SecretKeySpec(new byte[32], Identities.HASH));

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** The client's answer when the server does this with its request, on the request's event loop. */
    private HttpResponse<String> answer(BiConsumer<Exchange, HttpServerRequest> serve) throws Exception {
        HttpServer server = vertx.createHttpServer()
                .requestHandler(request ->
                        serve.accept(new Exchange(request, log, host -> true, identities, ended::countDown), request))
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        try (HttpClient client = HttpClient.newHttpClient()) {
            URI uri = URI.create("http://127.0.0.1:" + server.actualPort() + "/v2/");
            HttpRequest request =
                    HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build();
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    private void isTheBugThatItIs(HttpResponse<String> answer) throws InterruptedException {
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).contains("a bug in the node cache");
        assertThat(answer.headers().firstValue("Larder-Outcome")).contains(Outcome.REFUSED.label());
        assertThat(answer.headers().firstValue("Docker-Content-Digest")).isEmpty();
        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void challengeThatCannotBeWritten_isABug() throws Exception {
        isTheBugThatItIs(answer((exchange, request) -> exchange.onLoop(() -> exchange.fail(new UpstreamFailure(
                UpstreamFailure.Kind.UNAUTHORIZED, "registry.test", "no", List.of("Basic " + UNWRITABLE), null)))));
    }

    @Test
    void headerThatCannotBeWritten_isABug() throws Exception {
        RegistryResponse known = new RegistryResponse(
                false,
                Map.of("Docker-Content-Digest", "sha256:x", "Link", UNWRITABLE),
                new Body.Bytes(new byte[3]),
                Outcome.HIT);
        isTheBugThatItIs(answer((exchange, request) -> {
            Context context = Objects.requireNonNull(Vertx.currentContext());
            var resources = new ResponseWriter.Resources(new PiecePool(), PATIENCE, Runnable::run);
            try {
                new ResponseWriter(exchange, request.response(), context, exchange::onLoop, resources).write(known);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }));
    }
}
