package dev.larder.e2e.upstream;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import javax.net.ssl.SSLContext;

/**
 * An HTTP server before a registry that notes each request when its answer has ended, and injects faults. One virtual
 * thread a request; thread-safe. It can be closed (connections are refused then) and opened again at the same address.
 */
final class RegistryFront {
    private static final Set<String> REQUEST_HEADERS =
            Set.of("accept", "range", "authorization", "if-none-match", "user-agent");
    private static final Set<String> DROPPED_ANSWER_HEADERS =
            Set.of("connection", "transfer-encoding", "date", ":status");
    private static final Duration UPSTREAM = Duration.ofSeconds(30);

    private final InetSocketAddress address;
    private final Optional<SSLContext> tls;
    private final URI registry;
    private final List<UpstreamRequest> log;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(UPSTREAM)
            .build();
    private final List<Injection> injections;
    private Optional<Open> open = Optional.empty();

    /** A fault and the calls that meet it. */
    record Injection(Predicate<Call> where, Fault fault) {}

    private record Open(HttpServer server, ExecutorService threads) {}

    RegistryFront(
            InetSocketAddress address,
            Optional<SSLContext> tls,
            URI registry,
            List<UpstreamRequest> log,
            CopyOnWriteArrayList<Injection> injections) {
        this.address = address;
        this.tls = tls;
        this.registry = registry;
        this.log = log;
        this.injections = injections;
    }

    synchronized void open() {
        try {
            HttpServer server;
            if (tls.isPresent()) {
                HttpsServer secure = HttpsServer.create(address, 512);
                secure.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
                server = secure;
            } else {
                server = HttpServer.create(address, 512);
            }
            ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
            server.setExecutor(threads);
            server.createContext("/", this::handle);
            server.start();
            open = Optional.of(new Open(server, threads));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen on " + address, e);
        }
    }

    synchronized void close() {
        open.ifPresent(running -> {
            running.server.stop(0);
            running.threads.shutdownNow();
        });
        open = Optional.empty();
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().toString();
        String method = exchange.getRequestMethod();
        var call = new Call(
                tls.isPresent(), method, path, header(exchange, "User-Agent"), header(exchange, "Authorization"));
        Optional<Fault> fault = fault(call);
        var sent = new Answered();
        try (exchange) {
            switch (fault.orElse(null)) {
                case Fault.Answer(int status, var headers) -> {
                    headers.forEach(exchange.getResponseHeaders()::set);
                    sent.status = status;
                    exchange.sendResponseHeaders(status, -1);
                }
                case Fault.Hang() -> awaitLifting(call);
                case null -> forward(exchange, BodyFault.none(), sent);
                case Fault.Cut(long bytes) -> forward(exchange, BodyFault.cut(bytes), sent);
                case Fault.Stall(long bytes) ->
                    forward(exchange, BodyFault.stall(bytes, () -> awaitLifting(call)), sent);
                case Fault.Corrupt() -> forward(exchange, BodyFault.corrupt(), sent);
                case Fault.Slow(long rate) -> forward(exchange, BodyFault.slow(rate), sent);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            log.add(new UpstreamRequest(Instant.now(), call, sent.status, sent.bytes));
        }
    }

    static String header(HttpExchange exchange, String name) {
        return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse("");
    }

    /** What has gone out so far; written by the request's own thread only. */
    private static final class Answered {
        private int status;
        private long bytes;
    }

    private Optional<Fault> fault(Call call) {
        return injections.stream()
                .filter(injection -> injection.where.test(call))
                .map(Injection::fault)
                .findFirst();
    }

    private void awaitLifting(Call call) throws InterruptedException {
        while (fault(call).isPresent()) {
            Thread.sleep(50);
        }
    }

    private void forward(HttpExchange exchange, BodyFault fault, Answered sent)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(registry.resolve(exchange.getRequestURI()))
                .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.noBody())
                .timeout(UPSTREAM);
        exchange.getRequestHeaders().forEach((name, values) -> {
            if (REQUEST_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                values.forEach(value -> request.header(name, value));
            }
        });
        HttpResponse<InputStream> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        answer.headers().map().forEach((name, values) -> {
            if (!DROPPED_ANSWER_HEADERS.contains(name.toLowerCase(Locale.ROOT))) {
                exchange.getResponseHeaders().put(name, values);
            }
        });
        sent.status = answer.statusCode();
        long length = answer.headers().firstValueAsLong("Content-Length").orElse(0);
        try (InputStream body = answer.body()) {
            if (exchange.getRequestMethod().equals("HEAD") || length == 0) {
                exchange.sendResponseHeaders(answer.statusCode(), -1);
                return;
            }
            exchange.sendResponseHeaders(answer.statusCode(), length);
            byte[] buffer = new byte[64 * 1024];
            for (int read = body.read(buffer); read > 0; read = body.read(buffer)) {
                int allowed = fault.apply(buffer, read, sent.bytes, length);
                exchange.getResponseBody().write(buffer, 0, allowed);
                sent.bytes += allowed;
                if (allowed < read) {
                    // Closing the exchange before its promised length closes the connection.
                    return;
                }
            }
        }
    }
}
