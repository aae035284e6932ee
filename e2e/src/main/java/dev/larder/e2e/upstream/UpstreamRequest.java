package dev.larder.e2e.upstream;

import java.time.Instant;

/**
 * A request that reached the upstream, as it was answered: {@code bytes} of body sent, {@code tls} when it came as to a
 * public registry and not to the plain address that a cache is told.
 */
public record UpstreamRequest(
        Instant at, boolean tls, String method, String path, int status, long bytes, String userAgent) {
    public boolean ofBlob() {
        return path.contains("/blobs/");
    }

    @Override
    public String toString() {
        return "%s %s%s -> %d, %d bytes, by %s".formatted(method, tls ? "https:" : "", path, status, bytes, userAgent);
    }
}
