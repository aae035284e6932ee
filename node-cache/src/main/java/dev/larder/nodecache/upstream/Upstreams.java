package dev.larder.nodecache.upstream;

import dev.larder.nodecache.metrics.CacheMetrics;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * Makes upstream sources, and keeps those whose settings did not change over a reload, with their connections, tokens and
 * health. Used by one thread at a time.
 */
public final class Upstreams {

    private final Vertx vertx;
    private final CacheMetrics metrics;
    private final Clock clock;
    private final Executor threads;
    private final ProxyRules proxies;
    private final NameLookup names;
    private Map<UpstreamSettings, UpstreamSource> current = Map.of();

    public Upstreams(Vertx vertx, CacheMetrics metrics, Clock clock, Executor threads, ProxyRules proxies) {
        this(vertx, metrics, clock, threads, proxies, NameLookup.of(vertx));
    }

    Upstreams(Vertx vertx, CacheMetrics metrics, Clock clock, Executor threads, ProxyRules proxies, NameLookup names) {
        this.proxies = proxies;
        this.names = names;
        this.vertx = vertx;
        this.metrics = metrics;
        this.clock = clock;
        this.threads = threads;
    }

    /**
     * The sources for these settings, in their order.
     *
     * @param retire called with each source no longer wanted, to be closed when its last streams have ended
     * @throws IllegalArgumentException when a certificate file cannot be used; nothing has changed then
     */
    public Map<UpstreamSettings, UpstreamSource> use(
            List<UpstreamSettings> wanted, java.util.function.Consumer<UpstreamSource> retire) {
        Map<UpstreamSettings, UpstreamSource> next = new LinkedHashMap<>();
        for (UpstreamSettings settings : wanted) {
            UpstreamSource kept = current.get(settings);
            next.put(settings, kept == null ? create(settings) : kept);
        }
        current.forEach((settings, source) -> {
            if (!next.containsKey(settings)) {
                retire.accept(source);
            }
        });
        current = next;
        return Map.copyOf(next);
    }

    private UpstreamSource create(UpstreamSettings settings) {
        UpstreamClient client = new UpstreamClient(vertx, settings, metrics, proxies, names);
        UpstreamHealth health = new UpstreamHealth(new RateLimit(clock, settings.reservePercent()));
        TokenProvider tokens = new TokenProvider(settings.url(), client, clock, threads);
        UpstreamLogin login = new UpstreamLogin(settings, tokens, health, clock);
        return new UpstreamSource(
                settings, client, new UpstreamExchange(settings, client, login, health, clock), health);
    }
}
