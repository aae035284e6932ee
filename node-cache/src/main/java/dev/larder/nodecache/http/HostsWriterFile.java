package dev.larder.nodecache.http;

import dev.larder.nodecache.metrics.LiveMetrics.Row;
import dev.larder.nodecache.upstream.JsonText;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What the hosts writer last said of itself, as long as that is news: its process writes every two seconds, so silence for
 * ten means that nobody knows. Safe for many threads.
 */
public final class HostsWriterFile {

    private static final Duration FRESH = Duration.ofSeconds(10);

    private final Supplier<Optional<String>> text;
    private final InstantSource clock;

    /** @param text of hosts-writer.json now; empty when there is none */
    public HostsWriterFile(Supplier<Optional<String>> text, InstantSource clock) {
        this.text = text;
        this.clock = clock;
    }

    Optional<JsonObject> fresh() {
        return text.get().flatMap(this::parse);
    }

    private Optional<JsonObject> parse(String content) {
        try {
            JsonObject report = JsonText.object(content);
            Instant at = Instant.parse(String.valueOf(report.getValue("updatedAt")));
            // From the future it is when the clock was set back, and its writer is gone: a living one writes anew.
            Duration age = Duration.between(at, clock.instant()).abs();
            return age.compareTo(FRESH) < 0 ? Optional.of(report) : Optional.empty();
        } catch (DecodeException | DateTimeException | ClassCastException e) {
            return Optional.empty();
        }
    }

    /** For each registry, 1 when containerd's entry for it is in place; nothing when nobody knows. */
    public List<Row> entries() {
        List<Row> rows = new ArrayList<>();
        for (JsonObject registry : fresh().map(HostsWriterFile::registries).orElse(List.of())) {
            boolean present = "Present".equals(registry.getValue("state"));
            rows.add(Row.of(present ? 1 : 0, String.valueOf(registry.getValue("host"))));
        }
        return rows;
    }

    private static List<JsonObject> registries(JsonObject report) {
        return report.getValue("registries") instanceof io.vertx.core.json.JsonArray list
                ? list.stream()
                        .filter(JsonObject.class::isInstance)
                        .map(JsonObject.class::cast)
                        .toList()
                : List.of();
    }

    /** Hung caches that were ended; nothing when nobody knows. */
    public List<Row> kills() {
        return fresh().flatMap(report -> report.getValue("kills") instanceof Number kills
                        ? Optional.of(List.of(Row.of(kills.doubleValue())))
                        : Optional.empty())
                .orElse(List.of());
    }
}
