package dev.larder.nodecache.push;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.oci.Digest;
import dev.larder.nodecache.oci.MediaType;
import dev.larder.nodecache.oci.Reference;
import dev.larder.nodecache.oci.RepositoryName;
import dev.larder.nodecache.oci.Tag;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.store.BlobLease;
import dev.larder.nodecache.upstream.Outgoing;
import dev.larder.nodecache.upstream.PushExchange;
import dev.larder.nodecache.upstream.UpstreamResponse;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongConsumer;
import java.util.stream.Collectors;

/**
 * One repository of another registry, as what writes to it sees it. Blocks; for one thread at a time. Whatever the registry
 * does not do is an {@link UpstreamFailure}, whose message says what it answered.
 */
public final class TargetRepository implements AutoCloseable {

    private static final int MAX_MANIFEST = 4 << 20;
    private static final int MAX_ERROR = 16 * 1024;
    private static final int SHOWN = 300;
    private static final Duration EACH = Duration.ofSeconds(60);
    private static final String ACCEPT =
            MediaType.MANIFESTS.stream().map(MediaType::value).collect(Collectors.joining(", "));

    private final String host;
    private final RepositoryName repository;
    private final PushExchange exchange;

    /** A manifest as the registry gives it. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Manifest(MediaType mediaType, byte[] bytes) {}

    /** @param exchange is closed with this */
    public TargetRepository(String host, RepositoryName repository, PushExchange exchange) {
        this.host = host;
        this.repository = repository;
        this.exchange = exchange;
    }

    /** end-2. A redirect says yes, too: it leads to the content. */
    public boolean hasBlob(Digest digest) throws InterruptedException {
        try (UpstreamResponse response = send("HEAD", "blobs/" + digest, Map.of(), Outgoing.Body.NONE)) {
            int status = response.status();
            if (status == 404) {
                return false;
            }
            if (status >= 400) {
                throw failure("HEAD of blob " + digest, response);
            }
            return true;
        }
    }

    /**
     * end-11: has a blob from another repository of the same registry, when the registry does that and we may read it there.
     */
    public boolean mount(Digest digest, RepositoryName from) throws InterruptedException {
        Outgoing out = new Outgoing(
                "POST", exchange.uri("blobs/uploads/?mount=" + digest + "&from=" + from), Map.of(), Outgoing.Body.NONE);
        try (UpstreamResponse response = exchange.send(out, Deadline.in(EACH))) {
            if (response.status() == 202) {
                // An upload was begun instead; nobody will go on with it.
                response.header("location").ifPresent(location -> cancel(out.uri(), location));
            }
            return response.status() == 201;
        }
    }

    private void cancel(URI from, String location) {
        try {
            URI upload = exchange.resolve(from, location);
            exchange.send(new Outgoing("DELETE", upload, Map.of(), Outgoing.Body.NONE), Deadline.in(EACH))
                    .close();
        } catch (UpstreamFailure e) {
            // It ends by itself.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Brings a blob there that it does not have.
     *
     * @param progress told of bytes that have been sent
     */
    public void upload(BlobLease blob, LongConsumer progress) throws InterruptedException {
        new BlobUpload(exchange, host, blob, progress).run();
    }

    /** end-3. */
    public Optional<Digest> digestOf(Reference reference) throws InterruptedException {
        try (UpstreamResponse response =
                send("HEAD", "manifests/" + reference, Map.of("Accept", ACCEPT), Outgoing.Body.NONE)) {
            if (response.status() == 404) {
                return Optional.empty();
            }
            Optional<String> digest = response.header("docker-content-digest");
            if (response.status() == 200 && digest.isPresent()) {
                return digest.map(Digest::parse);
            }
            if (response.status() != 200) {
                throw failure("HEAD of " + reference, response);
            }
        }
        return manifest(reference).map(found -> Digest.sha256(found.bytes()));
    }

    /** end-3. */
    public Optional<Manifest> manifest(Reference reference) throws InterruptedException {
        try (UpstreamResponse response =
                send("GET", "manifests/" + reference, Map.of("Accept", ACCEPT), Outgoing.Body.NONE)) {
            if (response.status() == 404) {
                return Optional.empty();
            }
            if (response.status() != 200) {
                throw failure("GET of " + reference, response);
            }
            MediaType type =
                    response.header("content-type").map(MediaType::parse).orElse(MediaType.OCI_MANIFEST);
            return Optional.of(new Manifest(type, response.readAll(MAX_MANIFEST, Deadline.in(EACH))));
        }
    }

    /**
     * end-7.
     *
     * @return whether the registry says that it keeps the list of what refers to the manifest's subject (OCI-Subject)
     */
    public boolean put(Reference reference, Manifest manifest) throws InterruptedException {
        Map<String, String> headers =
                Map.of("Content-Type", manifest.mediaType().value());
        try (UpstreamResponse response =
                send("PUT", "manifests/" + reference, headers, new Outgoing.Bytes(manifest.bytes()))) {
            if (response.status() != 201 && response.status() != 200) {
                throw failure("PUT of " + reference, response);
            }
            return response.header("oci-subject").isPresent();
        }
    }

    /** Whether it keeps lists of what refers to a manifest (end-12a). */
    public boolean listsReferrers(Digest subject) throws InterruptedException {
        try (UpstreamResponse response = get("referrers/" + subject)) {
            return response.status() == 200;
        }
    }

    /**
     * Whether another tag than these means the image, or may, as far as the registry's answers tell: who then takes the image
     * away takes that tag away with it.
     */
    public boolean mayHaveAnotherTag(Digest image, Set<Tag> but) throws InterruptedException {
        return new TargetTags(this).mayHaveAnother(image, but);
    }

    UpstreamResponse get(String rest) throws InterruptedException {
        return send("GET", rest, Map.of(), Outgoing.Body.NONE);
    }

    /** end-9. It tells nothing: not every registry does that, nor says so when it does not. */
    public void delete(Reference reference) throws InterruptedException {
        try (UpstreamResponse response = send("DELETE", "manifests/" + reference, Map.of(), Outgoing.Body.NONE)) {
            switch (response.status()) {
                case 200, 202, 204, 400, 404, 405, 501 -> {}
                default -> throw failure("DELETE of " + reference, response);
            }
        }
    }

    private UpstreamResponse send(String method, String rest, Map<String, String> headers, Outgoing.Body body)
            throws InterruptedException {
        return exchange.send(new Outgoing(method, exchange.uri(rest), headers, body), Deadline.in(EACH));
    }

    private UpstreamFailure failure(String what, UpstreamResponse response) throws InterruptedException {
        return failure(host, repository + ": " + what, response);
    }

    static UpstreamFailure failure(String host, String what, UpstreamResponse response) throws InterruptedException {
        int status = response.status();
        UpstreamFailure.Kind kind =
                switch (status) {
                    case 401 -> UpstreamFailure.Kind.UNAUTHORIZED;
                    case 403 -> UpstreamFailure.Kind.DENIED;
                    case 429 -> UpstreamFailure.Kind.THROTTLED;
                    default -> status >= 500 ? UpstreamFailure.Kind.UNREACHABLE : UpstreamFailure.Kind.MALFORMED;
                };
        return new UpstreamFailure(kind, host, host + " answered " + status + " to " + what + said(response));
    }

    private static String said(UpstreamResponse response) throws InterruptedException {
        String text;
        try {
            text = new String(response.readAll(MAX_ERROR, Deadline.in(EACH)), StandardCharsets.UTF_8);
        } catch (UpstreamFailure e) {
            return "";
        }
        String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        return line.isEmpty() ? "" : ": " + line.substring(0, Math.min(SHOWN, line.length()));
    }

    @Override
    public void close() {
        exchange.close();
    }
}
