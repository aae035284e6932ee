package dev.larder.e2e.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * As much of a Kubernetes API server as makes the operator load its classes: keeps what is written, lists it, and lets watches
 * wait. One node and one RegistryCache are there from the start.
 */
final class TrainingApiServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CACHES = "/apis/larder.dev/v1alpha1/registrycaches";

    /** Leader election asks first whether it may write its Lease. */
    private static final String EVERY_RIGHT = """
            {"incomplete":false,"nonResourceRules":[],
             "resourceRules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}""";

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final TrainingCertificate certificate;
    private final Map<String, ObjectNode> objects = new ConcurrentHashMap<>();
    private final AtomicLong version = new AtomicLong(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    TrainingApiServer(Path folder) throws IOException {
        certificate = TrainingCertificate.make(folder);
        store(CACHES + "/training", """
                {"apiVersion":"larder.dev/v1alpha1","kind":"RegistryCache",
                 "metadata":{"name":"training","generation":1,"creationTimestamp":"2026-01-01T00:00:00Z"},
                 "spec":{"registries":[{"host":"docker.io"}]}}""");
        store("/api/v1/nodes/training", """
                {"apiVersion":"v1","kind":"Node",
                 "metadata":{"name":"training","labels":{"kubernetes.io/os":"linux"}},
                 "status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}],
                           "conditions":[{"type":"Ready","status":"True"}],
                           "nodeInfo":{"containerRuntimeVersion":"containerd://2.3.0","operatingSystem":"linux"}}}""");
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        server.setExecutor(threads);
        server.createContext("/", this::serve);
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    Path certificate() {
        return certificate.pem();
    }

    /** Whether something whose path contains this has been written. */
    boolean has(String path) {
        return objects.keySet().stream().anyMatch(key -> key.contains(path));
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath().replaceAll("/status$", "");
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        byte[] body = exchange.getRequestBody().readAllBytes();
        switch (exchange.getRequestMethod()) {
            case "GET" -> {
                if (exchange.getRequestHeaders().containsKey("Upgrade")) {
                    // No WebSocket: the client then watches by plain HTTP.
                    answer(exchange, 200, JSON.createObjectNode());
                } else if (query.contains("watch=true")) {
                    hold(exchange);
                } else if (objects.containsKey(path)) {
                    answer(exchange, 200, objects.get(path));
                } else if (isCollection(path)) {
                    answer(exchange, 200, list(path));
                } else {
                    answer(
                            exchange,
                            404,
                            JSON.createObjectNode().put("kind", "Status").put("code", 404));
                }
            }
            case "POST" -> {
                ObjectNode created = (ObjectNode) JSON.readTree(body);
                if (path.endsWith("/selfsubjectrulesreviews")) {
                    created.set("status", JSON.readTree(EVERY_RIGHT));
                }
                String name = created.path("metadata").path("name").asText("generated");
                answer(exchange, 201, store(path + "/" + name, created.toString()));
            }
            case "PUT", "PATCH" -> answer(exchange, 200, merge(path, body));
            default ->
                answer(
                        exchange,
                        200,
                        JSON.createObjectNode().put("kind", "Status").put("status", "Success"));
        }
    }

    /** An apply patch is YAML of which JSON is a part; a JSON patch is a list, and changes nothing that training needs. */
    private ObjectNode merge(String path, byte[] body) throws IOException {
        JsonNode patch = JSON.readTree(body);
        ObjectNode known = objects.get(path);
        if (!patch.isObject()) {
            return known == null ? JSON.createObjectNode() : known;
        }
        ObjectNode merged = known == null ? JSON.createObjectNode() : known.deepCopy();
        merged.setAll((ObjectNode) patch);
        return store(path, merged.toString());
    }

    private ObjectNode store(String path, String json) throws IOException {
        ObjectNode object = (ObjectNode) JSON.readTree(json);
        ObjectNode metadata = object.withObjectProperty("metadata");
        metadata.put("resourceVersion", Long.toString(version.incrementAndGet()));
        metadata.put("uid", path);
        objects.put(path, object);
        return object;
    }

    /** {@code /api/v1/things} or {@code /apis/group/v1/things}, each also below {@code namespaces/name}. */
    private static boolean isCollection(String path) {
        return path.matches("/(api/v1|apis/[^/]+/[^/]+)(/namespaces/[^/]+)?/[^/]+");
    }

    private ObjectNode list(String path) {
        ObjectNode list = JSON.createObjectNode().put("kind", "List").put("apiVersion", "v1");
        list.putObject("metadata").put("resourceVersion", Long.toString(version.get()));
        ArrayNode items = list.putArray("items");
        objects.forEach((key, object) -> {
            if (key.startsWith(path + "/")) {
                items.add(object);
            }
        });
        return list;
    }

    private void hold(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().flush();
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(HttpExchange exchange, int status, JsonNode content) throws IOException {
        byte[] body = content.toString().getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
