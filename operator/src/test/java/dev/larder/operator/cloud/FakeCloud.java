package dev.larder.operator.cloud;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** What the simulated clouds have in common: an HTTP server that remembers what came and can be made to fail. */
abstract class FakeCloud implements AutoCloseable {

    /** In everything secret, so that a test can look for it where it must not be. */
    static final String MARK = "s3cr3t-mark";

    record Asked(String method, URI uri, Map<String, String> headers, String body) {
        String header(String name) {
            return headers.getOrDefault(name.toLowerCase(java.util.Locale.ROOT), "");
        }

        /** The fields of a form (application/x-www-form-urlencoded). */
        Map<String, String> form() {
            Map<String, String> form = new TreeMap<>();
            Arrays.stream(body.split("&", -1)).filter(field -> !field.isEmpty()).forEach(field -> {
                String[] parts = field.split("=", 2);
                form.put(decoded(parts[0]), parts.length > 1 ? decoded(parts[1]) : "");
            });
            return form;
        }

        private static String decoded(String text) {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        }
    }

    record Reply(int status, String type, String body) {
        static Reply json(int status, String body) {
            return new Reply(status, "application/json", body);
        }
    }

    private final HttpServer server;
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    private volatile @Nullable Reply failure;

    FakeCloud() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
    }

    /** What the cloud says to a request that it understands. */
    abstract Reply answer(Asked request);

    /** From now on everything is answered so. */
    void failWith(Reply reply) {
        failure = reply;
    }

    void recover() {
        failure = null;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + port());
    }

    int port() {
        return server.getAddress().getPort();
    }

    List<Asked> asked() {
        return new ArrayList<>(asked);
    }

    private void serve(HttpExchange exchange) throws IOException {
        Map<String, String> headers = new TreeMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) ->
                        headers.put(name.toLowerCase(java.util.Locale.ROOT), String.join(",", values)));
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Asked request = new Asked(exchange.getRequestMethod(), exchange.getRequestURI(), headers, body);
        asked.add(request);
        Reply broken = failure;
        Reply reply;
        try {
            reply = broken == null ? answer(request) : broken;
        } catch (RuntimeException | AssertionError e) {
            reply = new Reply(500, "text/plain", "the simulator does not understand this: " + e);
        }
        try (exchange) {
            byte[] bytes = reply.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", reply.type());
            exchange.getResponseHeaders().set("Metadata-Flavor", "Google");
            exchange.sendResponseHeaders(reply.status(), bytes.length == 0 ? -1 : bytes.length);
            if (bytes.length > 0) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
