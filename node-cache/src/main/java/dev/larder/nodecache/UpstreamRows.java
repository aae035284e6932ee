package dev.larder.nodecache;

import dev.larder.nodecache.config.RegistryConfig;
import dev.larder.nodecache.config.UpstreamConfig;
import dev.larder.nodecache.metrics.LiveMetrics.Row;
import dev.larder.nodecache.upstream.UpstreamHealth;
import dev.larder.nodecache.upstream.UpstreamSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;

/** What is known of the upstreams, as rows of metrics, read when they are asked for. */
final class UpstreamRows {

    private final NodeCache cache;

    UpstreamRows(NodeCache cache) {
        this.cache = cache;
    }

    /** For each upstream that has been asked, 1 when it answered last time. */
    List<Row> upstreamsUp() {
        return ofHealth(health -> health.state() == UpstreamHealth.State.UNKNOWN
                ? OptionalLong.empty()
                : OptionalLong.of(health.state() == UpstreamHealth.State.UP ? 1 : 0));
    }

    /** For each upstream, 1 while its breaker keeps it from being asked. */
    List<Row> breakersOpen() {
        return ofUpstreams(source -> OptionalLong.of(source.isLeftAlone() ? 1 : 0));
    }

    /** For each upstream, 1 when it refused the present login of {@code access: Shared}. */
    List<Row> credentialsRefused() {
        return ofHealth(health -> OptionalLong.of(health.credentials().equals(UpstreamHealth.INVALID) ? 1 : 0));
    }

    /** For each upstream that tells it, how many more requests it allows. */
    List<Row> rateLimitsLeft() {
        return ofHealth(UpstreamHealth::rateLimitRemaining);
    }

    /** For each upstream that tells it, of how many. */
    List<Row> rateLimits() {
        return ofHealth(UpstreamHealth::rateLimitWhole);
    }

    private List<Row> ofHealth(Function<UpstreamHealth, OptionalLong> value) {
        return ofUpstreams(source -> value.apply(source.health()));
    }

    private List<Row> ofUpstreams(Function<UpstreamSource, OptionalLong> value) {
        Map<List<String>, Row> rows = new LinkedHashMap<>();
        Settings settings = new Settings(cache.live().loaded().config());
        for (RegistryConfig registry : settings.config().registries()) {
            for (UpstreamConfig upstream : registry.upstreams()) {
                List<String> labels = List.of(registry.host(), label(upstream));
                cache.source(settings.upstream(registry, upstream)).ifPresent(source -> value.apply(source)
                        .ifPresent(number -> rows.put(labels, new Row(number, labels))));
            }
        }
        return List.copyOf(rows.values());
    }

    private static String label(UpstreamConfig upstream) {
        String host = upstream.url().getAuthority();
        return upstream.pathPrefix().isEmpty() ? host : host + "/" + upstream.pathPrefix();
    }
}
