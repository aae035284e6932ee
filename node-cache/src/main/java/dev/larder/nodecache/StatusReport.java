package dev.larder.nodecache;

import dev.larder.nodecache.config.NodeCacheConfig;
import dev.larder.nodecache.config.RegistryConfig;
import dev.larder.nodecache.config.UpstreamConfig;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.mirror.Mirror;
import dev.larder.nodecache.upstream.UpstreamHealth;
import dev.larder.nodecache.upstream.UpstreamSource;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What {@code /status} says; node-cache/README.md documents it for its readers. */
final class StatusReport {

    static final String HOSTS_WRITER_FILE = "hosts-writer.json";

    private static final long MAX_HOSTS_WRITER = 1 << 20;

    private final NodeCache cache;
    private final String node = NodeName.own();

    StatusReport(NodeCache cache) {
        this.cache = cache;
    }

    /** @param names how many of the waiting tags are named at most */
    Map<String, Object> status(int names) {
        NodeCacheConfig config = cache.live().loaded().config();
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("version", Version.TEXT);
        status.put("node", node);
        status.put("resource", config.resource());
        status.put("ready", cache.ready());
        status.put("startedAt", cache.startedAt().toString());
        status.put("config", config(config));
        status.put("storage", storage());
        List<Object> registries = new ArrayList<>();
        config.registries().forEach(registry -> registries.add(registry(new Settings(config), registry)));
        status.put("registries", registries);
        status.put("mirror", mirror(names));
        return status;
    }

    private Map<String, Object> config(NodeCacheConfig config) {
        return ordered(
                "revision",
                config.revision(),
                "loadedAt",
                cache.live().loaded().at().toString(),
                "problems",
                cache.live().problems().stream().map(Object::toString).toList());
    }

    private Map<String, Object> storage() {
        var budget = cache.storage().budget();
        return ordered(
                "path",
                cache.live().started().storage().path().toString(),
                "sizeBytes",
                budget.sizeBytes(),
                "usedBytes",
                cache.storage().blobs().usedBytes(),
                "freeBytes",
                cache.storage().space().free(),
                "pinnedBytes",
                cache.storage().blobs().pins().bytes(false),
                "minFreeBytes",
                budget.minFreeBytes(),
                "blobs",
                cache.storage().blobs().blobs(),
                "writable",
                cache.storage().problem().isEmpty(),
                "message",
                cache.storage().message());
    }

    private Map<String, Object> registry(Settings settings, RegistryConfig registry) {
        CacheMetrics.PerRegistry sums = cache.sums(registry);
        List<Object> upstreams = new ArrayList<>();
        @Nullable Long remaining = null;
        for (UpstreamConfig upstream : registry.upstreams()) {
            Optional<UpstreamHealth> health =
                    cache.source(settings.upstream(registry, upstream)).map(UpstreamSource::health);
            upstreams.add(upstream(upstream, health));
            OptionalLong limit = health.map(UpstreamHealth::rateLimitRemaining).orElse(OptionalLong.empty());
            remaining = limit.isPresent() ? Long.valueOf(limit.getAsLong()) : remaining;
        }
        return ordered(
                "host",
                registry.host(),
                "requests",
                sums.requests(),
                "hits",
                sums.hits(),
                "bytesServed",
                sums.bytesServed(),
                "bytesUpstream",
                sums.bytesUpstream(),
                "rateLimitRemaining",
                remaining,
                "upstreams",
                upstreams);
    }

    private static Map<String, Object> upstream(UpstreamConfig upstream, Optional<UpstreamHealth> health) {
        return ordered(
                "url",
                upstream.url().toString(),
                "state",
                health.map(UpstreamHealth::state)
                        .orElse(UpstreamHealth.State.UNKNOWN)
                        .toString(),
                "credentials",
                health.map(UpstreamHealth::credentials).orElse("Unknown"),
                "lastError",
                health.map(UpstreamHealth::lastError).orElse(""),
                "lastChecked",
                health.flatMap(UpstreamHealth::lastChecked)
                        .map(Instant::toString)
                        .orElse(null));
    }

    private Map<String, Object> mirror(int names) {
        // In this order: what waits is of this table, or of a newer one.
        MirrorFiles.Table table = cache.mirroring().table();
        Mirror.Report report = cache.mirroring().report(names);
        List<Object> waiting = new ArrayList<>();
        report.waiting()
                .forEach(tag -> waiting.add(ordered(
                        "resource",
                        tag.resource(),
                        "tag",
                        tag.tag(),
                        "digest",
                        tag.digest(),
                        "message",
                        tag.message())));
        Map<String, Object> mirror = ordered(
                "revisions",
                table.revisions(),
                "problems",
                table.problems().stream().map(Object::toString).toList(),
                "tags",
                report.tags(),
                "kept",
                report.kept(),
                "ready",
                report.ready(),
                "waiting",
                waiting);
        if (report.waitingNames() != null) {
            mirror.put("waitingNames", report.waitingNames());
        }
        return mirror;
    }

    /** The text of hosts-writer.json, whatever it is. */
    Optional<String> hostsWriter() {
        var file = cache.live().started().listen().runDirectory().resolve(HOSTS_WRITER_FILE);
        try {
            return Files.size(file) > MAX_HOSTS_WRITER ? Optional.empty() : Optional.of(Files.readString(file));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Map<String, Object> ordered(@Nullable Object... namesAndValues) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put(String.valueOf(namesAndValues[i]), namesAndValues[i + 1]);
        }
        @SuppressWarnings("NullAway") // JSON has null, and the encoder takes it
        Map<String, Object> result = map;
        return result;
    }
}
