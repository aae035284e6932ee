package dev.larder.nodecache.push;

import dev.larder.nodecache.error.UpstreamFailure;
import dev.larder.nodecache.source.Deadline;
import dev.larder.nodecache.store.BlobLease;
import dev.larder.nodecache.upstream.Outgoing;
import dev.larder.nodecache.upstream.PushExchange;
import dev.larder.nodecache.upstream.UpstreamResponse;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Brings one blob to a repository (distribution-spec, "Pushing blobs"): in one piece, which every registry takes; in smaller
 * ones where it says that one is too large. A transfer that breaks goes on where the registry says that it broke (end-13), or
 * begins again.
 */
final class BlobUpload {

    /** Smaller ones are sent with the request that ends their upload. */
    private static final long AT_ONCE = 1 << 20;

    private static final long CHUNK = 16L << 20;
    private static final int MAX_FAILURES = 4;
    private static final Duration EACH = Duration.ofSeconds(60);
    /** Some move the bytes to where they stay only when the upload ends. */
    private static final Duration TO_COMMIT = Duration.ofMinutes(10);

    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern RANGE = Pattern.compile("(?:bytes=)?0-(\\d{1,18})");

    private final PushExchange exchange;
    private final String host;
    private final BlobLease blob;
    private final LongConsumer progress;
    private long chunk = Long.MAX_VALUE;
    /** Where the upload goes on; null before it has begun. */
    private @Nullable URI upload;

    /** The blob's first bytes, which the registry has. */
    private long done;

    BlobUpload(PushExchange exchange, String host, BlobLease blob, LongConsumer progress) {
        this.exchange = exchange;
        this.host = host;
        this.blob = blob;
        this.progress = progress;
    }

    /** @throws UpstreamFailure when the registry does not take it, after several attempts where that may help */
    void run() throws InterruptedException {
        try (FileChannel file = blob.open()) {
            int failures = 0;
            while (true) {
                long before = done;
                try {
                    if (step(file)) {
                        return;
                    }
                } catch (UpstreamFailure e) {
                    if (!e.kind().isUpstreamsFault() || e.kind() == UpstreamFailure.Kind.THROTTLED) {
                        throw e;
                    }
                    // Of what broke off, much may have come: then it is worth going on.
                    findOut();
                    failures = done > before ? 1 : failures + 1;
                    if (failures > MAX_FAILURES) {
                        throw e;
                    }
                }
            }
        } catch (IOException e) {
            // Closing a file that was read.
            throw new IllegalStateException(e);
        }
    }

    /** One request or two; whether the upload has ended. */
    private boolean step(FileChannel file) throws InterruptedException {
        URI place = upload == null ? begin() : upload;
        upload = place;
        if (blob.size() <= AT_ONCE && done == 0) {
            return end(place, new Outgoing.FilePart(file, 0, blob.size(), PATIENCE));
        }
        if (done < blob.size()) {
            send(file, place);
            return false;
        }
        return end(place, Outgoing.Body.NONE);
    }

    /** end-4a. */
    private URI begin() throws InterruptedException {
        URI uri = exchange.uri("blobs/uploads/");
        try (UpstreamResponse response =
                exchange.send(new Outgoing("POST", uri, Map.of(), Outgoing.Body.NONE), Deadline.in(EACH))) {
            if (response.status() != 202) {
                throw failure("begin an upload", response);
            }
            response.header("oci-chunk-min-length")
                    .filter(text -> text.matches("\\d{1,12}"))
                    .map(Long::parseLong)
                    .filter(least -> least > CHUNK)
                    .ifPresent(least -> chunk = Math.min(chunk, least));
            done = 0;
            return location(uri, response)
                    .orElseThrow(() -> new UpstreamFailure(
                            UpstreamFailure.Kind.MALFORMED, host, host + " began an upload without saying where"));
        }
    }

    /** end-5. */
    private void send(FileChannel file, URI place) throws InterruptedException {
        long length = Math.min(chunk, blob.size() - done);
        Map<String, String> headers = new HashMap<>(Map.of("Content-Type", "application/octet-stream"));
        if (done > 0 || length < blob.size()) {
            // Left out of a blob in one piece: not every registry that takes those takes pieces.
            headers.put("Content-Range", done + "-" + (done + length - 1));
        }
        Outgoing out = new Outgoing("PATCH", place, headers, new Outgoing.FilePart(file, done, length, PATIENCE));
        try (UpstreamResponse response = exchange.send(out, Deadline.in(EACH))) {
            switch (response.status()) {
                case 200, 201, 202, 204 -> {
                    long before = done;
                    upload = location(place, response).orElse(place);
                    has(received(response).orElse(done + length));
                    if (done <= before) {
                        throw new UpstreamFailure(
                                UpstreamFailure.Kind.UNREACHABLE,
                                host,
                                host + " took a part of blob " + blob.digest() + " and says that it has none of it");
                    }
                }
                case 404 -> startOver();
                case 413 -> smaller(response, length);
                case 416 ->
                    throw new UpstreamFailure(
                            UpstreamFailure.Kind.UNREACHABLE,
                            host,
                            host + " has come to another place of blob " + blob.digest() + " than it was sent from");
                default -> throw failure("take a part of blob " + blob.digest(), response);
            }
        }
    }

    private void smaller(UpstreamResponse response, long length) throws InterruptedException {
        if (length <= CHUNK) {
            throw failure("take " + length + " bytes of blob " + blob.digest(), response);
        }
        chunk = CHUNK;
        findOut();
    }

    private void startOver() {
        upload = null;
        done = 0;
        throw new UpstreamFailure(
                UpstreamFailure.Kind.UNREACHABLE, host, host + " forgot the upload of " + blob.digest());
    }

    /** end-13. */
    private void findOut() throws InterruptedException {
        URI place = upload;
        if (place == null) {
            return;
        }
        try (UpstreamResponse response =
                exchange.send(new Outgoing("GET", place, Map.of(), Outgoing.Body.NONE), Deadline.in(EACH))) {
            if (response.status() == 204 || response.status() == 202) {
                upload = location(place, response).orElse(place);
                has(received(response).orElse(0));
            } else {
                upload = null;
            }
        } catch (UpstreamFailure e) {
            upload = null;
        }
    }

    /** end-6. */
    private boolean end(URI place, Outgoing.Body body) throws InterruptedException {
        URI uri = URI.create(place + (place.getRawQuery() == null ? "?" : "&") + "digest=" + blob.digest());
        Outgoing out = new Outgoing("PUT", uri, Map.of("Content-Type", "application/octet-stream"), body);
        try (UpstreamResponse response = exchange.send(out, Deadline.in(TO_COMMIT))) {
            switch (response.status()) {
                case 200, 201, 204 -> {
                    has(blob.size());
                    return true;
                }
                case 404 -> startOver();
                default -> throw failure("keep blob " + blob.digest(), response);
            }
        }
        return false;
    }

    private void has(long bytes) {
        long now = Math.clamp(bytes, 0, blob.size());
        if (now > done) {
            progress.accept(now - done);
        }
        done = now;
    }

    private Optional<URI> location(URI from, UpstreamResponse response) {
        return response.header("location").map(location -> exchange.resolve(from, location));
    }

    /** From {@code Range: 0-N}, N being the last byte that has come. */
    private static OptionalLong received(UpstreamResponse response) {
        Matcher range = RANGE.matcher(response.header("range").orElse(""));
        if (!range.matches()) {
            return OptionalLong.empty();
        }
        long last = Long.parseLong(range.group(1));
        // Distribution says 0-0 of nothing, too.
        return OptionalLong.of(last == 0 ? 0 : last + 1);
    }

    private UpstreamFailure failure(String what, UpstreamResponse response) throws InterruptedException {
        return TargetRepository.failure(host, what, response);
    }
}
