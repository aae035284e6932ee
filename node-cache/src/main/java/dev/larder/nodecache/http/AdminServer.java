package dev.larder.nodecache.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The listener for probes and people: {@code /livez}, {@code /readyz}, {@code /metrics}, {@code /status}. */
public final class AdminServer {

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final Duration LIVE_WITHIN = Duration.ofSeconds(2);

    private final Reports reports;
    private final PrometheusMeterRegistry meters;
    private final ExecutorService threads;
    private @Nullable HttpServer server;

    /**
     * What there is to say, asked anew each time, in a virtual thread.
     *
     * @param notReady why not; empty when ready
     * @param status everything but the hosts writer's part
     */
    public record Reports(
            Supplier<Optional<String>> notReady, Supplier<Map<String, Object>> status, HostsWriterFile hostsWriter) {}

    public AdminServer(Reports reports, PrometheusMeterRegistry meters, ExecutorService threads) {
        this.reports = reports;
        this.meters = meters;
        this.threads = threads;
    }

    public Future<Void> start(Vertx vertx, String host, int port) {
        Router router = Router.router(vertx);
        router.get("/livez").handler(this::live);
        router.get("/readyz")
                .handler(context -> inThread(context, () -> {
                    Optional<String> reason = reports.notReady().get();
                    return new Page(reason.isPresent() ? 503 : 200, "text/plain", reason.orElse("ready") + "\n");
                }));
        router.get("/metrics")
                .handler(context -> inThread(
                        context, () -> new Page(200, "text/plain; version=0.0.4; charset=utf-8", meters.scrape())));
        router.get("/status").handler(context -> inThread(context, () -> new Page(200, "application/json", status())));
        HttpServer created = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(host)
                        .setPort(port)
                        .setIdleTimeout(60)
                        .setHttp2ClearTextEnabled(false))
                .requestHandler(router);
        server = created;
        return created.listen().mapEmpty();
    }

    public int port() {
        return server == null ? -1 : server.actualPort();
    }

    public Future<Void> stop() {
        return server == null ? Future.succeededFuture() : server.close();
    }

    private record Page(int status, String type, String text) {}

    /** Alive means: the event loops turn, which this call shows, and virtual threads run. */
    private void live(RoutingContext context) {
        java.util.concurrent.Future<String> sign = threads.submit(() -> "live\n");
        threads.execute(() -> {
            Page page;
            try {
                page = new Page(200, "text/plain", sign.get(LIVE_WITHIN.toMillis(), TimeUnit.MILLISECONDS));
            } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
                page = new Page(500, "text/plain", "no thread runs\n");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            send(context, page);
        });
    }

    private void inThread(RoutingContext context, Supplier<Page> page) {
        threads.execute(() -> {
            Page written;
            try {
                written = page.get();
            } catch (RuntimeException e) {
                // A probe or a scrape must not wait for an answer that never comes.
                LOG.atError().setCause(e).log("a report failed because of a bug");
                written = new Page(500, "text/plain", "a bug in the node cache; its log says more\n");
            }
            send(context, written);
        });
    }

    private static void send(RoutingContext context, Page page) {
        context.response()
                .setStatusCode(page.status())
                .putHeader("Content-Type", page.type())
                .end(page.text());
    }

    private String status() {
        JsonObject status = new JsonObject(reports.status().get());
        return status.put("hostsWriter", reports.hostsWriter().fresh().orElse(null))
                .encodePrettily();
    }
}
