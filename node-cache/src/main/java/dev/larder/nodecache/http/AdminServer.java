package dev.larder.nodecache.http;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.SocketAddress;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The listener for probes, Prometheus and people on the node: {@code /livez}, {@code /readyz}, {@code /metrics}, and
 * {@code /status} for clients on loopback alone, since it tells more than the network need know; the operator reads that from
 * {@link JobServer}.
 */
public final class AdminServer {

    private static final Logger LOG = LoggerFactory.getLogger(AdminServer.class);
    private static final Duration LIVE_WITHIN = Duration.ofSeconds(2);

    /** Probes, scrapers and people are few; each may hold an answer in memory that it does not read. */
    private static final int MOST_CONNECTIONS = 64;

    private final RecentConnections connections = new RecentConnections(MOST_CONNECTIONS);
    private final Reports reports;
    private final PrometheusMeterRegistry meters;
    private final ExecutorService threads;
    private @Nullable HttpServer server;

    /**
     * What there is to say, asked anew each time, in a virtual thread.
     *
     * @param notReady why not; empty when ready
     * @param status everything but the hosts writer's part; with the names of so many waiting tags, if they are no more
     */
    public record Reports(
            Supplier<Optional<String>> notReady, IntFunction<Map<String, Object>> status, HostsWriterFile hostsWriter) {

        /** All of the status. */
        JsonObject whole(int names) {
            return new JsonObject(status.apply(names))
                    .put("hostsWriter", hostsWriter.fresh().orElse(null));
        }
    }

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
        router.get("/status").handler(this::status);
        HttpServer created = vertx.createHttpServer(new HttpServerOptions()
                        .setHost(host)
                        .setPort(port)
                        .setIdleTimeout(60)
                        .setHttp2ClearTextEnabled(false))
                .connectionHandler(connections::opened)
                .requestHandler(request -> {
                    connections.asked(request.connection());
                    router.handle(request);
                });
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
        inThread(context, () -> {
            try {
                return new Page(200, "text/plain", sign.get(LIVE_WITHIN.toMillis(), TimeUnit.MILLISECONDS));
            } catch (TimeoutException | java.util.concurrent.ExecutionException e) {
                return new Page(500, "text/plain", "no thread runs\n");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return new Page(500, "text/plain", "stopping\n");
            }
        });
    }

    private void inThread(RoutingContext context, Supplier<Page> page) {
        Context loop = Objects.requireNonNull(Vertx.currentContext());
        threads.execute(() -> {
            Page written;
            try {
                written = page.get();
            } catch (RuntimeException | Error e) {
                // A probe or a scrape must not wait for an answer that never comes.
                LOG.atError().setCause(e).log("a report failed because of a bug");
                written = new Page(500, "text/plain", "a bug in the node cache; its log says more\n");
            }
            Page answer = written;
            loop.runOnContext(v -> send(context, answer));
        });
    }

    private void status(RoutingContext context) {
        SocketAddress client = context.request().remoteAddress();
        boolean here = client != null && Loopback.has(client.hostAddress());
        inThread(
                context,
                () -> here
                        ? new Page(200, "application/json", reports.whole(0).encodePrettily())
                        : new Page(403, "text/plain", elsewhere(port())));
    }

    private static String elsewhere(int port) {
        return """
                the status is told to clients on the node itself only, by loopback.
                On the node: curl http://127.0.0.1:%1$d/status
                From elsewhere: kubectl -n NAMESPACE port-forward POD %1$d, then curl http://127.0.0.1:%1$d/status
                The operator reads it from listen.jobs. Metrics are at /metrics.
                """.formatted(port);
    }

    private static void send(RoutingContext context, Page page) {
        context.response()
                .setStatusCode(page.status())
                .putHeader("Content-Type", page.type())
                .end(page.text());
    }
}
