package dev.larder.nodecache;

import dev.larder.nodecache.config.NodeCacheConfig;
import dev.larder.nodecache.config.RegistryConfig;
import dev.larder.nodecache.config.TagRule;
import dev.larder.nodecache.config.TimeoutsConfig;
import dev.larder.nodecache.config.TlsConfig;
import dev.larder.nodecache.config.UpstreamConfig;
import dev.larder.nodecache.evict.StorageBudget;
import dev.larder.nodecache.fill.FillCoordinator;
import dev.larder.nodecache.http.RegistryServer;
import dev.larder.nodecache.oci.RegistryHost;
import dev.larder.nodecache.registry.CachedRegistry;
import dev.larder.nodecache.registry.TagFreshness;
import dev.larder.nodecache.source.ContentSource;
import dev.larder.nodecache.source.FirstByteBudget;
import dev.larder.nodecache.source.SourceChain;
import dev.larder.nodecache.source.SourcePolicy;
import dev.larder.nodecache.upstream.UpstreamSettings;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The config file's records, turned into what each part takes. Pure. */
record Settings(NodeCacheConfig config) {

    RegistryServer.@Nullable Tls tls() {
        TlsConfig tls = config.listen().tls();
        return tls == null ? null : new RegistryServer.Tls(tls.certFile(), tls.keyFile());
    }

    FillCoordinator.Settings fills() {
        return new FillCoordinator.Settings(
                config.limits().fills(), config.limits().fillsPerUpstream());
    }

    /** @param totalBytes of the file system */
    StorageBudget budget(long totalBytes) {
        long minFree = config.storage().minFree().bytesOf(totalBytes);
        return new StorageBudget(config.storage().size().bytes(), minFree);
    }

    List<UpstreamSettings> upstreams() {
        return config.registries().stream()
                .flatMap(registry -> registry.upstreams().stream().map(upstream -> upstream(registry, upstream)))
                .distinct()
                .toList();
    }

    UpstreamSettings upstream(RegistryConfig registry, UpstreamConfig upstream) {
        boolean shared = registry.access() == RegistryConfig.Access.SHARED;
        return new UpstreamSettings(
                registry.host(),
                upstream.url(),
                upstream.pathPrefix(),
                upstream.caFile(),
                upstream.insecureSkipVerify(),
                shared ? upstream.credentialsFile() : null,
                upstream.tokenServers(),
                clients(registry.access()),
                or(upstream.timeouts().connect(), config.timeouts().connect()),
                or(upstream.timeouts().idle(), config.timeouts().idle()),
                config.limits().fillsPerUpstream(),
                registry.reservePercent());
    }

    private static UpstreamSettings.Clients clients(RegistryConfig.Access access) {
        return switch (access) {
            case RELAY -> UpstreamSettings.Clients.PASSED_ON;
            case EXCHANGE -> UpstreamSettings.Clients.EXCHANGED;
            case SHARED, ANONYMOUS -> UpstreamSettings.Clients.IGNORED;
        };
    }

    List<CachedRegistry> registries(Function<UpstreamSettings, ContentSource> sources, Clock clock) {
        return config.registries().stream()
                .map(registry -> registry(registry, sources, clock))
                .toList();
    }

    private CachedRegistry registry(
            RegistryConfig registry, Function<UpstreamSettings, ContentSource> sources, Clock clock) {
        List<UpstreamConfig> upstreams = registry.upstreams();
        TimeoutsConfig timeouts = config.timeouts();
        FirstByteBudget budget = new FirstByteBudget(
                timeouts.firstByteCold(),
                upstreams.stream()
                        .map(upstream -> Optional.ofNullable(upstream.timeouts().firstByte()))
                        .toList());
        Duration idle = upstreams.stream()
                .map(upstream -> or(upstream.timeouts().idle(), timeouts.idle()))
                .max(Comparator.naturalOrder())
                .orElse(timeouts.idle());
        return new CachedRegistry(
                new RegistryHost(registry.host()),
                new SourceChain(
                        upstreams.stream()
                                .map(upstream -> sources.apply(upstream(registry, upstream)))
                                .toList(),
                        budget,
                        clock),
                new SourcePolicy(timeouts.firstByteWarm(), budget.whole(), idle),
                registry.repositories().allow(),
                registry.repositories().deny(),
                registry.tags().stream().map(Settings::freshness).toList(),
                registry.access() == RegistryConfig.Access.EXCHANGE);
    }

    private static Duration or(@Nullable Duration own, Duration general) {
        return own == null ? general : own;
    }

    private static TagFreshness freshness(TagRule rule) {
        return new TagFreshness(
                rule.pattern(),
                rule.freshFor(),
                rule.staleWhileRevalidate(),
                rule.staleIfError(),
                rule.onDeletedUpstream() == TagRule.OnDeleted.SERVE);
    }
}
