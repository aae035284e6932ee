package dev.larder.nodecache.http;

import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.registry.Outcome;
import dev.larder.nodecache.registry.Route;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** One line and one count for each request, from the same values, so that log and metrics cannot disagree. */
final class AccessLog {

    private static final Logger LOG = LoggerFactory.getLogger("larder.access");

    private final CacheMetrics metrics;

    AccessLog(CacheMetrics metrics) {
        this.metrics = metrics;
    }

    /**
     * A request as far as it got.
     *
     * @param route null when the request line made no sense
     * @param cut whether the response ended short of its length
     * @param message why it was refused or cut; empty otherwise
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
            Duration firstByte,
            Duration took,
            String client) {}

    void finished(Entry entry) {
        String kind = entry.route() == null ? "other" : entry.route().kind();
        String registry = entry.route() instanceof Route.InRepository in && entry.knownRegistry()
                ? in.repository().registry().value()
                : "";
        metrics.request(registry, kind, entry.outcome().label(), entry.bytes());
        metrics.firstByte(entry.outcome().label(), entry.firstByte());
        LoggingEventBuilder line =
                LOG.atLevel(level(entry)).addKeyValue("method", entry.method()).addKeyValue("kind", kind);
        if (entry.route() instanceof Route.InRepository in) {
            line = line.addKeyValue("registry", in.repository().registry().value())
                    .addKeyValue("repository", in.repository().repository().value())
                    .addKeyValue("reference", reference(in));
        }
        line = line.addKeyValue("outcome", entry.outcome().label())
                .addKeyValue("status", entry.status())
                .addKeyValue("bytes", entry.bytes())
                .addKeyValue("ms", millis(entry.took()))
                .addKeyValue("firstByteMs", millis(entry.firstByte()))
                .addKeyValue("client", entry.client());
        if (entry.cut()) {
            line = line.addKeyValue("cut", true);
        }
        if (!entry.message().isEmpty()) {
            line = line.addKeyValue("cause", entry.message());
        }
        line.log("request");
    }

    /** Probes of {@code /v2/} come every second and say nothing. */
    private static Level level(Entry entry) {
        if (entry.status() >= 500 || entry.cut()) {
            return Level.WARN;
        }
        return entry.route() instanceof Route.Root ? Level.DEBUG : Level.INFO;
    }

    private static double millis(Duration time) {
        return Math.round(time.toNanos() / 1e3) / 1e3;
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
