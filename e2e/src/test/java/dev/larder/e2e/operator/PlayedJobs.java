package dev.larder.e2e.operator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What a node cache answers when the operator asks what upstreams have: every tag of every repository is there, each with a
 * digest of its own.
 */
final class PlayedJobs implements HttpHandler {

    private static final String JOB = "/jobs/v1/manifest";

    private final Map<String, Integer> moved = new ConcurrentHashMap<>();
    private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();

    /** @param at by System.nanoTime */
    record Asked(String image, long at) {}

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        String image = exchange.getRequestURI().getQuery().substring("image=".length());
        boolean known = exchange.getRequestURI().getPath().equals(JOB);
        asked.add(new Asked(image, System.nanoTime()));
        byte[] body = (known
                        ? "{\"digest\":\"" + digest(image)
                                + "\",\"mediaType\":\"application/vnd.oci.image.index.v1+json\"}"
                        : "{\"error\":\"not played\",\"code\":\"UNSUPPORTED\"}")
                .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(known ? 200 : 400, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    /** What the upstream has now. */
    String digest(String image) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256")
                    .digest((image + "#" + moved.getOrDefault(image, 0)).getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** As when somebody pushes it anew. */
    void move(String image) {
        moved.merge(image, 1, Integer::sum);
    }

    List<String> asked() {
        return asked.stream().map(Asked::image).toList();
    }

    /** The most questions in any such time. */
    int mostWithin(Duration window) {
        List<Asked> all = new ArrayList<>(asked);
        int most = 0;
        int first = 0;
        for (int last = 0; last < all.size(); last++) {
            while (all.get(last).at() - all.get(first).at() > window.toNanos()) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    void forgetAsked() {
        asked.clear();
    }
}
