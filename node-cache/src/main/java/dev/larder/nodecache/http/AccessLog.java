package dev.larder.nodecache.http;

import dev.larder.nodecache.log.JsonLine;
import dev.larder.nodecache.log.LogLines;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.registry.Outcome;
import dev.larder.nodecache.registry.Route;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * One line and one count for each request, from the same values, so that log and metrics cannot disagree. Lines go
 * straight to the log's own: an event of SLF4J with its list of pairs costs several times as much.
 */
final class AccessLog {

    private static final String LOGGER = "larder.access";

    private final CacheMetrics metrics;
    private final LogLines lines;

    AccessLog(CacheMetrics metrics, LogLines lines) {
        this.metrics = metrics;
        this.lines = lines;
    }

    /**
     * A request as far as it got.
     *
     * @param route null when the request line made no sense
     * @param cut whether the response ended short of its length
     * @param message why it was refused or cut; empty otherwise
     * @param firstByteNanos from the request to the answer's first byte
     * @param nanos from the request to the answer's end
     */
    record Entry(
            String method,
            @Nullable Route route,
            boolean knownRegistry,
            int status,
            Outcome outcome,
            long bytes,
            boolean cut,
            String message,
            long firstByteNanos,
            long nanos,
            String client) {

        private String kind() {
            return route == null ? "other" : route.kind();
        }

        private boolean isBad() {
            return status >= 500 || cut;
        }
    }

    void finished(Entry entry) {
        String registry = entry.route() instanceof Route.InRepository in && entry.knownRegistry()
                ? in.repository().registry().value()
                : "";
        metrics.answered(registry, entry.kind(), entry.outcome().label(), entry.bytes(), entry.firstByteNanos());
        // Probes of /v2/ come every second and say nothing.
        if (entry.isBad() || !(entry.route() instanceof Route.Root)) {
            lines.add(line(entry));
        }
    }

    private static JsonLine line(Entry entry) {
        JsonLine line = new JsonLine(entry.isBad() ? Level.WARN : Level.INFO, LOGGER, "request");
        line.put("method", entry.method());
        line.put("kind", entry.kind());
        if (entry.route() instanceof Route.InRepository in) {
            line.put("registry", in.repository().registry().value());
            line.put("repository", in.repository().repository().value());
            line.put("reference", reference(in));
        }
        line.put("outcome", entry.outcome().label());
        line.put("status", entry.status());
        line.put("bytes", entry.bytes());
        line.putMillis("ms", entry.nanos());
        line.putMillis("firstByteMs", entry.firstByteNanos());
        line.put("client", entry.client());
        if (entry.cut()) {
            line.put("cut", true);
        }
        if (!entry.message().isEmpty()) {
            line.put("cause", entry.message());
        }
        return line;
    }

    private static String reference(Route.InRepository route) {
        return switch (route) {
            case Route.Manifest manifest -> manifest.reference().toString();
            case Route.Blob blob -> blob.digest().toString();
            case Route.Referrers referrers -> referrers.subject().toString();
            case Route.Tags _ -> "";
        };
    }
}
