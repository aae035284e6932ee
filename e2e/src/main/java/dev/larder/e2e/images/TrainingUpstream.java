package dev.larder.e2e.images;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A small registry with one image, over TLS and with anonymous bearer tokens as the public registries have them: training
 * against it makes the node cache load what it will load in real use.
 */
final class TrainingUpstream implements AutoCloseable {
    static final String REPOSITORY = "training/image";
    static final String TAG = "1";

    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final int LAYER_BYTES = 4 << 20;

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final TrainingCertificate certificate;
    private final byte[] layer = new byte[LAYER_BYTES];
    private final byte[] config =
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"
                    .getBytes(StandardCharsets.UTF_8);
    private final byte[] manifest;
    private final Map<String, byte[]> blobs;

    /** Listens on a free loopback port; its certificate is written into the folder. */
    TrainingUpstream(Path folder) throws IOException {
        new Random(1).nextBytes(layer);
        manifest = """
                {"schemaVersion":2,"mediaType":"%s",
                 "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
                 "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}""".formatted(MANIFEST_TYPE, digest(config), config.length, digest(layer), layer.length)
                .getBytes(StandardCharsets.UTF_8);
        blobs = Map.of(digest(config), config, digest(layer), layer);
        certificate = TrainingCertificate.make(folder);
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        server.setExecutor(threads);
        server.createContext(
                "/token",
                exchange -> answer(
                        exchange,
                        200,
                        "application/json",
                        "{\"token\":\"t\",\"expires_in\":300}".getBytes(StandardCharsets.UTF_8)));
        server.createContext("/v2/", this::serve);
        server.start();
    }

    String url() {
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    TrainingCertificate certificate() {
        return certificate;
    }

    String layerDigest() {
        return digest(layer);
    }

    String configDigest() {
        return digest(config);
    }

    private void serve(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String name = path.substring(path.lastIndexOf('/') + 1);
        if (!exchange.getRequestHeaders().containsKey("Authorization")) {
            exchange.getResponseHeaders()
                    .add(
                            "WWW-Authenticate",
                            "Bearer realm=\"" + url() + "/token\",service=\"training\",scope=\"repository:" + REPOSITORY
                                    + ":pull\"");
            answer(
                    exchange,
                    401,
                    "application/json",
                    "{\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}".getBytes(StandardCharsets.UTF_8));
        } else if (path.contains("/manifests/") && (name.equals(TAG) || name.equals(digest(manifest)))) {
            exchange.getResponseHeaders().add("Docker-Content-Digest", digest(manifest));
            answer(exchange, 200, MANIFEST_TYPE, manifest);
        } else if (path.contains("/blobs/") && blobs.containsKey(name)) {
            answer(exchange, 200, "application/octet-stream", blobs.get(name));
        } else if (path.endsWith("/tags/list")) {
            answer(
                    exchange,
                    200,
                    "application/json",
                    "{\"name\":\"training/image\",\"tags\":[\"1\"]}".getBytes(StandardCharsets.UTF_8));
        } else {
            answer(
                    exchange,
                    404,
                    "application/json",
                    "{\"errors\":[{\"code\":\"NAME_UNKNOWN\"}]}".getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void answer(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().add("Content-Type", type);
            if (exchange.getRequestMethod().equals("HEAD")) {
                exchange.getResponseHeaders().add("Content-Length", Integer.toString(body.length));
                exchange.sendResponseHeaders(status, -1);
            } else {
                exchange.sendResponseHeaders(status, body.length);
                exchange.getResponseBody().write(body);
            }
        }
    }

    private static String digest(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java runtime has SHA-256.", e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
