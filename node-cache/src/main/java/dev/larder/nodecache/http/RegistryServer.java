package dev.larder.nodecache.http;

import dev.larder.nodecache.log.LogLines;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.registry.RegistryService;
import dev.larder.nodecache.source.Identities;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The listener for containerd: one HTTP server on every event loop, one virtual thread for each request that is not
 * answered at once, at most so many requests at the same time.
 */
public final class RegistryServer {

    private static final int MAX_REQUEST_LINE = 8 * 1024;
    private static final int MAX_HEADERS = 32 * 1024;
    private static final int MAX_CONNECTIONS = 8192;
    private static final Duration LONGEST_SWEEP = Duration.ofSeconds(5);

    private final Settings settings;
    private final RegistryService service;
    private final Identities identities;
    private final ExecutorService threads;
    private final AccessLog log;
    private final ResponseWriter.Resources resources;
    private final ClientConnections connections;
    private final List<HttpServer> servers = new ArrayList<>();

    /**
     * Where to listen and how much to take.
     *
     * @param tls null for plain HTTP
     * @param clientPatience how long a client may take nothing of an answer, or take for sending a request
     * @param maxRequests asked for each request, so that it may change
     * @param serves whether a registry is one of ours, for the metrics
     */
    public record Settings(
            String host,
            int port,
            @Nullable Tls tls,
            int eventLoops,
            Duration clientPatience,
            IntSupplier maxRequests,
            Predicate<RegistryHost> serves) {}

    /** PEM files: the certificate with its chain, and its key. */
    public record Tls(Path certificate, Path key) {
        private PemKeyCertOptions load() {
            return new PemKeyCertOptions().setCertPath(certificate.toString()).setKeyPath(key.toString());
        }
    }

    /**
     * @param identities of callers
     * @param threads one virtual thread a task
     */
    public RegistryServer(
            Settings settings,
            RegistryService service,
            Identities identities,
            ExecutorService threads,
            CacheMetrics metrics) {
        this.settings = settings;
        this.service = service;
        this.identities = identities;
        this.threads = threads;
        this.log = new AccessLog(metrics, LogLines.STANDARD_OUTPUT);
        this.connections = new ClientConnections(MAX_CONNECTIONS, settings.clientPatience());
        this.resources = new ResponseWriter.Resources(new PiecePool(), settings.clientPatience(), threads);
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
        return connections.busy();
    }

    /** Connections that clients hold open. */
    public int connections() {
        return connections.size();
    }

    /**
     * Reads the certificate's files again, for connections from now on; when they make no sense the old ones stay and the
     * future fails. Without TLS there is nothing to do.
     */
    public Future<Void> reloadCertificate(Vertx vertx) {
        Tls tls = settings.tls();
        if (tls == null) {
            return Future.succeededFuture();
        }
        try {
            KeyPairs.requirePair(vertx, tls.load());
        } catch (GeneralSecurityException e) {
            return Future.failedFuture(e);
        }
        List<Future<Boolean>> updated;
        synchronized (servers) {
            updated = servers.stream()
                    .map(server -> server.updateSSLOptions(new ServerSSLOptions().setKeyCertOptions(tls.load()), true))
                    .toList();
        }
        return Future.all(updated).mapEmpty();
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
            HttpServer server = vertx.createHttpServer(options())
                    .connectionHandler(connections::opened)
                    .requestHandler(RegistryServer.this::handle);
            Duration sweep = settings.clientPatience().dividedBy(4);
            vertx.setPeriodic(
                    (sweep.compareTo(LONGEST_SWEEP) < 0 ? sweep : LONGEST_SWEEP).toMillis(), t -> connections.sweep());
            synchronized (servers) {
                servers.add(server);
            }
            return server.listen();
        }
    }

    private HttpServerOptions options() {
        HttpServerOptions options = new HttpServerOptions()
                .setHost(settings.host())
                .setPort(settings.port())
                .setCompressionSupported(false)
                // Nobody speaks WebSocket here; its handler would look at every request.
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false)
                // A file cannot be sent by the kernel over HTTP/2; without TLS every client starts with 1.1.
                .setHttp2ClearTextEnabled(false)
                .setUseAlpn(false)
                .setMaxInitialLineLength(MAX_REQUEST_LINE)
                .setMaxHeaderSize(MAX_HEADERS)
                .setIdleTimeout((int) settings.clientPatience().toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setTcpNoDelay(true);
        Tls tls = settings.tls();
        return tls == null ? options : options.setSsl(true).setKeyCertOptions(tls.load());
    }

    private void handle(HttpServerRequest request) {
        HttpConnection connection = request.connection();
        int active = connections.began(connection);
        Exchange exchange =
                new Exchange(request, log, settings.serves(), identities, () -> connections.ended(connection));
        int limit = settings.maxRequests().getAsInt();
        if (active > limit) {
            exchange.refuseOverloaded(limit);
        } else {
            exchange.serve(service, threads, resources);
        }
    }
}
