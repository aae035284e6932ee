package dev.larder.nodecache.fake;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One client's connection to a {@link FakeRegistry}: a small HTTP/1.1 server of GET and HEAD. */
final class FakeConnection implements Runnable {

    private static final Pattern PATH = Pattern.compile("/v2/(.+)/(manifests|blobs|tags|referrers)/([^/?]+)(\\?.*)?");

    private final FakeRegistry registry;
    private final Misbehaviour wrong;
    private final Socket socket;

    FakeConnection(FakeRegistry registry, Socket socket) {
        this.registry = registry;
        this.wrong = registry.misbehave();
        this.socket = socket;
    }

    @Override
    public void run() {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            OutputStream out = socket.getOutputStream();
            for (FakeRegistry.Seen request = HttpHead.read(in); request != null; request = HttpHead.read(in)) {
                registry.saw(request);
                if (!answer(request, out)) {
                    return;
                }
            }
        } catch (IOException | InterruptedException e) {
            // The other side left, or the test ended: either way this connection is over.
            Thread.currentThread().interrupt();
        }
    }

    /** @return whether the connection may be used again */
    private boolean answer(FakeRegistry.Seen request, OutputStream out) throws IOException, InterruptedException {
        if (request.path().startsWith("/token")) {
            Map.Entry<Integer, String> token = registry.login().token(request.headers());
            return whole(
                    request, out, token.getKey(), Map.of("Content-Type", "application/json"), bytes(token.getValue()));
        }
        if (wrong.hang) {
            new CountDownLatch(1).await();
        }
        if (wrong.status != 0) {
            return whole(request, out, wrong.status, Map.of("Retry-After", wrong.retryAfter), bytes("{\"errors\":[]}"));
        }
        Matcher path = PATH.matcher(request.path());
        if (!path.matches()) {
            return whole(request, out, 404, Map.of(), bytes("{}"));
        }
        if (!registry.login().admits(request.headers(), path.group(1))) {
            Map<String, String> challenge =
                    Map.of("WWW-Authenticate", registry.login().challenge(path.group(1)));
            return whole(request, out, 401, challenge, bytes("{\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}"));
        }
        return switch (path.group(2)) {
            case "manifests" -> manifest(request, out, path.group(1), path.group(3));
            case "blobs" -> blob(request, out, path.group(1), path.group(3));
            case "tags" ->
                whole(
                        request,
                        out,
                        200,
                        Map.of(
                                "Content-Type",
                                "application/json",
                                "Link",
                                "<" + registry.url() + "/v2/" + path.group(1) + "/tags/list?n=1&last=a>; rel=\"next\""),
                        bytes("{\"name\":\"" + path.group(1) + "\",\"tags\":"
                                + registry.images().tags(path.group(1)).stream()
                                        .map(t -> '"' + t + '"')
                                        .toList() + "}"));
            default ->
                whole(
                        request,
                        out,
                        200,
                        Map.of(
                                "Content-Type",
                                "application/vnd.oci.image.index.v1+json",
                                "OCI-Filters-Applied",
                                "artifactType"),
                        bytes("{\"schemaVersion\":2,\"manifests\":[]}"));
        };
    }

    private boolean manifest(FakeRegistry.Seen request, OutputStream out, String repository, String reference)
            throws IOException {
        FakeImages.Manifest manifest = registry.images().manifest(repository, reference);
        if (manifest == null) {
            return whole(request, out, 404, Map.of(), bytes("{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}"));
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", manifest.type().value());
        headers.put("ratelimit-limit", wrong.rateLimit);
        headers.put("ratelimit-remaining", wrong.rateLimitRemaining);
        if (!(wrong.terseHead && request.method().equals("HEAD"))) {
            headers.put(
                    "Docker-Content-Digest",
                    dev.larder.nodecache.oci.Digest.sha256(manifest.bytes()).toString());
        }
        return whole(request, out, 200, headers, spoilt(manifest.bytes()));
    }

    private boolean blob(FakeRegistry.Seen request, OutputStream out, String repository, String digest)
            throws IOException, InterruptedException {
        byte[] stored = registry.images().blob(repository, digest);
        if (stored == null) {
            return whole(request, out, 404, Map.of(), bytes("{\"errors\":[{\"code\":\"BLOB_UNKNOWN\"}]}"));
        }
        if (!wrong.redirectTo.isEmpty() || wrong.redirectLoop) {
            String target = wrong.redirectLoop ? request.path() : wrong.redirectTo + request.path();
            return whole(request, out, 307, Map.of("Location", target), new byte[0]);
        }
        if (request.method().equals("HEAD")) {
            return whole(request, out, 200, Map.of("Content-Type", "application/octet-stream"), stored);
        }
        registry.blobBegins();
        try {
            return wrong.nextBlobAnswer().send(request.headers().getOrDefault("range", ""), stored, out);
        } finally {
            registry.blobEnds();
        }
    }

    private byte[] spoilt(byte[] content) {
        return wrong.corrupt ? BlobAnswer.flipped(content) : content;
    }

    private boolean whole(
            FakeRegistry.Seen request, OutputStream out, int status, Map<String, String> headers, byte[] body)
            throws IOException {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " X\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        boolean isHead = request.method().equals("HEAD");
        if (!(isHead && wrong.terseHead)) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        out.write(bytes(head.append("\r\n").toString()));
        if (!isHead) {
            out.write(body);
        }
        out.flush();
        return true;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
