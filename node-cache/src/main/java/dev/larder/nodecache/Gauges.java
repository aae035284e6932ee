package dev.larder.nodecache;

import dev.larder.nodecache.fill.FillCoordinator;
import dev.larder.nodecache.http.HostsWriterFile;
import dev.larder.nodecache.http.RegistryServer;
import dev.larder.nodecache.metrics.CacheMetrics;
import dev.larder.nodecache.metrics.LiveMetrics;
import java.util.List;

/** The metrics that are read from the running parts at each scrape; those that are counted are in {@code CacheMetrics}. */
final class Gauges {

    private final CacheMetrics metrics;

    Gauges(CacheMetrics metrics) {
        this.metrics = metrics;
        metrics.version(Version.TEXT);
    }

    void of(Storage storage) {
        metrics.gauge("larder_storage_size_bytes", () -> storage.budget().sizeBytes());
        metrics.gauge("larder_storage_used_bytes", storage.blobs()::usedBytes);
        metrics.gauge("larder_storage_free_bytes", () -> storage.space().free());
        metrics.gauge("larder_storage_min_free_bytes", () -> storage.budget().minFreeBytes());
        metrics.gauge(
                "larder_storage_pinned_bytes", () -> storage.blobs().pins().bytes(false));
        metrics.gauge("larder_storage_blobs", storage.blobs()::blobs);
        metrics.gauge("larder_storage_writable", () -> storage.problem().isEmpty() ? 1 : 0);
    }

    void of(RegistryServer server) {
        metrics.gauge("larder_requests_active", server::active);
        metrics.gauge("larder_connections", server::connections);
    }

    void of(FillCoordinator fills) {
        metrics.gauge("larder_fills_active", fills::running);
        metrics.gauge("larder_fills_waiting", fills::waiting);
    }

    void of(UpstreamRows upstreams, HostsWriterFile hostsWriter) {
        LiveMetrics live = metrics.live();
        live.gauge(
                "larder_hosts_entry_present",
                "Whether containerd is told of this cache for the registry.",
                List.of("registry"),
                hostsWriter::entries);
        live.counter(
                "larder_hosts_writer_kills_total",
                "Hung caches that the hosts writer ended.",
                List.of(),
                hostsWriter::kills);
        live.gauge(
                "larder_upstream_up",
                "Whether the upstream's last answer was one.",
                List.of("registry", "upstream"),
                upstreams::upstreamsUp);
        live.gauge(
                "larder_upstream_breaker_open",
                "Whether the upstream is not asked, since it failed several times in a row.",
                List.of("registry", "upstream"),
                upstreams::breakersOpen);
        live.gauge(
                "larder_upstream_credentials_refused",
                "Whether the upstream refused the login it was last given.",
                List.of("registry", "upstream"),
                upstreams::credentialsRefused);
        live.gauge(
                "larder_upstream_rate_limit_remaining",
                "How many more requests the upstream allows, as it last said.",
                List.of("registry", "upstream"),
                upstreams::rateLimitsLeft);
        live.gauge(
                "larder_upstream_rate_limit",
                "Of how many requests, as the upstream last said.",
                List.of("registry", "upstream"),
                upstreams::rateLimits);
    }
}
