package dev.larder.e2e.upstream;

import java.time.Instant;

/** A request that reached the upstream, as it was answered at {@code at}: {@code bytes} of body were sent. */
public record UpstreamRequest(Instant at, Call call, int status, long bytes) {
    @Override
    public String toString() {
        return "%s %s%s -> %d, %d bytes, by %s"
                .formatted(call.method(), call.tls() ? "https:" : "", call.path(), status, bytes, call.userAgent());
    }
}
