package dev.larder.nodecache.http;

import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.registry.RegistryService;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.Predicate;

/**
 * The listener for containerd: one HTTP server on every event loop, one virtual thread for each request, at most so many
 * requests at once.
 */
public final class RegistryServer {

    private static final int MAX_REQUEST_LINE = 8 * 1024;
    private static final int MAX_HEADERS = 32 * 1024;
    private static final int IDLE_SECONDS = 300;

    private final Settings settings;
    private final RegistryService service;
    private final ExecutorService threads;
    private final AccessLog log;
    private final PiecePool pieces = new PiecePool();
    private final AtomicInteger active = new AtomicInteger();
    private final List<HttpServer> servers = new ArrayList<>();

    /**
     * Where to listen and how much to take.
     *
     * @param maxRequests asked for each request, so that it may change
     * @param serves whether a registry is one of ours, for the metrics
     */
    public record Settings(String host, int port, int eventLoops, IntSupplier maxRequests, Predicate<String> serves) {}

    /** @param threads one virtual thread a task */
    public RegistryServer(Settings settings, RegistryService service, ExecutorService threads, CacheMetrics metrics) {
        this.settings = settings;
        this.service = service;
        this.threads = threads;
        this.log = new AccessLog(metrics);
    }

    /** Listens on every event loop; the future fails when the address cannot be had. */
    public Future<Void> start(Vertx vertx) {
        List<Future<String>> deployed = new ArrayList<>();
        for (int i = 0; i < settings.eventLoops(); i++) {
            deployed.add(vertx.deployVerticle(new Listener()));
        }
        return Future.all(deployed).mapEmpty();
    }

    /** The port that was taken, of use when port 0 was asked for. */
    public int port() {
        synchronized (servers) {
            return servers.getFirst().actualPort();
        }
    }

    /** Requests being answered. */
    public int active() {
        return active.get();
    }

    /** Closes the listening sockets; requests under way go on until the time is over. */
    public Future<Void> stop(long graceMillis) {
        List<Future<Void>> closed;
        synchronized (servers) {
            closed = servers.stream()
                    .map(server -> server.shutdown(graceMillis, TimeUnit.MILLISECONDS))
                    .toList();
        }
        return Future.all(closed).mapEmpty();
    }

    private final class Listener extends VerticleBase {
        @Override
        public Future<?> start() {
            HttpServer server = vertx.createHttpServer(new HttpServerOptions()
                            .setHost(settings.host())
                            .setPort(settings.port())
                            .setCompressionSupported(false)
                            // A file cannot be sent by the kernel over HTTP/2; without TLS every client starts with
                            // 1.1.
                            .setHttp2ClearTextEnabled(false)
                            .setMaxInitialLineLength(MAX_REQUEST_LINE)
                            .setMaxHeaderSize(MAX_HEADERS)
                            .setIdleTimeout(IDLE_SECONDS)
                            .setTcpNoDelay(true))
                    .requestHandler(RegistryServer.this::handle);
            synchronized (servers) {
                servers.add(server);
            }
            return server.listen();
        }
    }

    private void handle(HttpServerRequest request) {
        Exchange exchange = new Exchange(request, log, settings.serves(), active::decrementAndGet);
        int limit = settings.maxRequests().getAsInt();
        if (active.incrementAndGet() > limit) {
            exchange.refuseOverloaded(limit);
        } else {
            exchange.serve(service, threads, pieces);
        }
    }
}
