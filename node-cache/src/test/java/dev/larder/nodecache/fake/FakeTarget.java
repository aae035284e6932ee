package dev.larder.nodecache.fake;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.larder.nodecache.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A registry on a loopback port that can be pushed to (distribution-spec, "Push"), as strict as distribution is about what a
 * manifest names, with the faults and the differences between registries that a test asks for.
 */
public final class FakeTarget implements AutoCloseable {

    private static final Pattern UPLOADS = Pattern.compile("/v2/(.+)/blobs/uploads/([0-9]*)");
    private static final Pattern BLOB = Pattern.compile("/v2/(.+)/blobs/(sha256:[0-9a-f]{64})");
    private static final Pattern MANIFEST = Pattern.compile("/v2/(.+)/manifests/([^/]+)");
    private static final Pattern TAGS = Pattern.compile("/v2/(.+)/tags/list");
    private static final Pattern REFERRERS = Pattern.compile("/v2/(.+)/referrers/(sha256:[0-9a-f]{64})");
    private static final Pattern NAMED = Pattern.compile("\"digest\"\\s*:\\s*\"(sha256:[0-9a-f]{64})\"");
    private static final Pattern SUBJECT =
            Pattern.compile("\"subject\"\\s*:\\s*\\{[^}]*\"digest\"\\s*:\\s*\"(sha256:[0-9a-f]{64})\"");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<String> seen = new CopyOnWriteArrayList<>();
    private final Map<String, Map<String, byte[]>> blobs = new ConcurrentHashMap<>();
    private final Map<String, Map<String, Manifest>> manifests = new ConcurrentHashMap<>();
    private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();

    /** Connections to break after so many bytes of a blob, one each. */
    public final AtomicInteger breaks = new AtomicInteger();

    public volatile int breakAfter = 100_000;
    /** A body that is larger is answered with 413. */
    public volatile long largestBody = Long.MAX_VALUE;

    public volatile boolean mounts = true;
    public volatile boolean sparse;
    public volatile boolean keepsReferrers = true;
    /** What it answers to who deletes a tag, which it does not do then; 0 when it does. */
    public volatile int refusesToDeleteTags;

    public volatile boolean listsTags = true;
    public volatile boolean deletesImages = true;
    public volatile boolean forgetsUploads;
    /** "user:password" that Basic must show; null for anybody. */
    public volatile @Nullable String login;
    /** Answers every request when it is not 0. */
    public volatile int status;

    @SuppressWarnings("ArrayRecordComponent")
    private record Manifest(String type, byte[] bytes) {}

    public FakeTarget() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    public String url() {
        return "http://" + host();
    }

    /** Method and path of each request, in order. */
    public List<String> requests() {
        return List.copyOf(seen);
    }

    public long count(String method, String part) {
        return seen.stream()
                .filter(line -> line.startsWith(method + " ") && line.contains(part))
                .count();
    }

    public void forgetRequests() {
        seen.clear();
    }

    /** What a tag or a digest gives. */
    public Optional<byte[]> manifest(String repository, String reference) {
        return find(repository, reference).map(Manifest::bytes);
    }

    public Optional<byte[]> blob(String repository, Digest digest) {
        return Optional.ofNullable(in(blobs, repository).get(digest.toString()));
    }

    /** The tags, without the manifests' digests. */
    public Set<String> tags(String repository) {
        return in(manifests, repository).keySet().stream()
                .filter(name -> !name.startsWith("sha256:"))
                .collect(java.util.stream.Collectors.toSet());
    }

    /** Somebody else makes a tag mean something else. */
    public void retag(String repository, String tag, Digest image) {
        in(manifests, repository).put(tag, find(repository, image.toString()).orElseThrow());
    }

    private Optional<Manifest> find(String repository, String reference) {
        return Optional.ofNullable(in(manifests, repository).get(reference));
    }

    private static <T> Map<String, T> in(Map<String, Map<String, T>> all, String repository) {
        return all.computeIfAbsent(repository, r -> new ConcurrentHashMap<>());
    }

    private void handle(HttpExchange exchange) throws IOException {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getPath();
        seen.add(method + " " + exchange.getRequestURI());
        if (status != 0) {
            end(exchange, status, "{\"errors\":[{\"code\":\"UNAVAILABLE\"}]}");
            return;
        }
        if (login != null && !basic().equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"target\"");
            end(exchange, 401, "");
            return;
        }
        Matcher uploads = UPLOADS.matcher(path);
        Matcher blob = BLOB.matcher(path);
        Matcher manifest = MANIFEST.matcher(path);
        Matcher referrers = REFERRERS.matcher(path);
        Matcher tags = TAGS.matcher(path);
        if (uploads.matches()) {
            upload(exchange, method, uploads.group(1), uploads.group(2));
        } else if (blob.matches()) {
            byte[] found = in(blobs, blob.group(1)).get(blob.group(2));
            end(exchange, found == null ? 404 : 200, "");
        } else if (tags.matches() && listsTags) {
            end(exchange, 200, "{\"name\":\"any\",\"tags\":[\"" + String.join("\",\"", tags(tags.group(1))) + "\"]}");
        } else if (manifest.matches()) {
            manifest(exchange, method, manifest.group(1), manifest.group(2));
        } else {
            end(exchange, referrers.matches() && keepsReferrers ? 200 : 404, "{\"manifests\":[]}");
        }
    }

    private String basic() {
        return "Basic "
                + Base64.getEncoder().encodeToString(String.valueOf(login).getBytes(StandardCharsets.UTF_8));
    }

    private void upload(HttpExchange exchange, String method, String repository, String number) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        if (method.equals("POST")) {
            Matcher mount =
                    Pattern.compile("mount=(sha256:[0-9a-f]{64})&from=(.+)").matcher(query);
            byte[] other = mount.matches() ? in(blobs, mount.group(2)).get(mount.group(1)) : null;
            if (other != null && mounts) {
                in(blobs, repository).put(mount.group(1), other);
                end(exchange, 201, "");
                return;
            }
            String next = Integer.toString(numbers.incrementAndGet());
            uploads.put(next, new ByteArrayOutputStream());
            at(exchange, repository, next, 202);
            return;
        }
        ByteArrayOutputStream bytes = uploads.get(number);
        if (bytes == null) {
            end(exchange, 404, "{\"errors\":[{\"code\":\"BLOB_UPLOAD_UNKNOWN\"}]}");
            return;
        }
        switch (method) {
            case "GET" -> at(exchange, repository, number, 204);
            case "DELETE" -> {
                uploads.remove(number);
                end(exchange, 204, "");
            }
            case "PATCH" -> patch(exchange, repository, number, bytes);
            default -> put(exchange, repository, number, bytes, query);
        }
    }

    private void patch(HttpExchange exchange, String repository, String number, ByteArrayOutputStream bytes)
            throws IOException {
        String range = exchange.getRequestHeaders().getFirst("Content-Range");
        if (range != null && Long.parseLong(range.split("-", -1)[0]) != bytes.size()) {
            end(exchange, 416, "");
        } else if (take(exchange, number, bytes)) {
            at(exchange, repository, number, 202);
        }
    }

    /** False when the exchange is over. */
    private boolean take(HttpExchange exchange, String number, ByteArrayOutputStream bytes) throws IOException {
        long length = Long.parseLong(exchange.getRequestHeaders().getFirst("Content-Length"));
        if (length > largestBody) {
            end(exchange, 413, "");
            return false;
        }
        boolean breaking = length > breakAfter && breaks.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
        try (InputStream in = exchange.getRequestBody()) {
            bytes.writeBytes(breaking ? in.readNBytes(breakAfter) : in.readAllBytes());
            if (breaking) {
                if (forgetsUploads) {
                    uploads.remove(number);
                }
                exchange.close();
                return false;
            }
        }
        return true;
    }

    private void put(HttpExchange exchange, String repository, String number, ByteArrayOutputStream bytes, String query)
            throws IOException {
        if (!take(exchange, number, bytes)) {
            return;
        }
        String digest = query.replaceFirst(".*digest=", "");
        uploads.remove(number);
        if (!Digest.sha256(bytes.toByteArray()).toString().equals(digest)) {
            end(exchange, 400, "{\"errors\":[{\"code\":\"DIGEST_INVALID\"}]}");
            return;
        }
        in(blobs, repository).put(digest, bytes.toByteArray());
        end(exchange, 201, "");
    }

    private void at(HttpExchange exchange, String repository, String number, int code) throws IOException {
        exchange.getResponseHeaders().set("Location", "/v2/" + repository + "/blobs/uploads/" + number + "?_state=x");
        int have = Objects.requireNonNull(uploads.get(number)).size();
        exchange.getResponseHeaders().set("Range", "0-" + Math.max(0, have - 1));
        end(exchange, code, "");
    }

    private void manifest(HttpExchange exchange, String method, String repository, String reference)
            throws IOException {
        Map<String, Manifest> known = in(manifests, repository);
        if (method.equals("PUT")) {
            store(exchange, known, repository, reference);
            return;
        }
        Manifest found = known.get(reference);
        if (method.equals("DELETE")) {
            boolean tag = !reference.startsWith("sha256:");
            if (tag && refusesToDeleteTags != 0) {
                end(exchange, refusesToDeleteTags, "");
            } else if (!tag && !deletesImages) {
                end(exchange, 405, "{\"errors\":[{\"code\":\"UNSUPPORTED\"}]}");
            } else if (found == null) {
                end(exchange, 404, "");
            } else {
                known.remove(reference);
                if (!tag) {
                    known.values().removeIf(other -> other.equals(found));
                }
                end(exchange, 202, "");
            }
        } else if (found == null) {
            end(exchange, 404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}");
        } else {
            exchange.getResponseHeaders().set("Content-Type", found.type());
            exchange.getResponseHeaders()
                    .set("Docker-Content-Digest", Digest.sha256(found.bytes()).toString());
            end(exchange, 200, method.equals("HEAD") ? "" : new String(found.bytes(), StandardCharsets.UTF_8));
        }
    }

    private void store(HttpExchange exchange, Map<String, Manifest> known, String repository, String reference)
            throws IOException {
        byte[] bytes = exchange.getRequestBody().readAllBytes();
        String text = new String(bytes, StandardCharsets.UTF_8);
        Matcher subject = SUBJECT.matcher(text);
        String refers = subject.find() ? subject.group(1) : "";
        boolean index = text.contains("\"manifests\"");
        Matcher named = NAMED.matcher(text);
        while (named.find()) {
            String digest = named.group(1);
            boolean there = in(blobs, repository).containsKey(digest) || known.containsKey(digest);
            if (!there && !digest.equals(refers) && !(index && sparse)) {
                end(exchange, 400, "{\"errors\":[{\"code\":\"MANIFEST_BLOB_UNKNOWN\",\"detail\":\"" + digest + "\"}]}");
                return;
            }
        }
        Manifest manifest = new Manifest(exchange.getRequestHeaders().getFirst("Content-Type"), bytes);
        known.put(Digest.sha256(bytes).toString(), manifest);
        known.put(reference, manifest);
        if (!refers.isEmpty() && keepsReferrers) {
            exchange.getResponseHeaders().set("OCI-Subject", refers);
        }
        end(exchange, 201, "");
    }

    private static void end(HttpExchange exchange, int code, String body) throws IOException {
        try (exchange) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            boolean none = bytes.length == 0 || exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(code, none ? -1 : bytes.length);
            if (!none) {
                exchange.getResponseBody().write(bytes);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
