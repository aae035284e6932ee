package dev.larder.operator.metrics;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.FailingNode;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredImageStatus;
import dev.larder.crds.v1alpha1.NodesStatus;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheStatus;
import io.prometheus.client.Collector;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Function;

/**
 * The custom resources as metrics: read from the statuses last decided, at each scrape, so that the rows come and go with
 * what they tell of. Only the operator that reconciles has any. Thread-safe.
 */
public final class ResourceMetrics extends Collector {

    private final Map<String, RegistryCacheStatus> caches = new ConcurrentSkipListMap<>();
    private final Map<String, MirroredRows> images = new ConcurrentSkipListMap<>();

    /** What has been decided about a RegistryCache. */
    public void seen(RegistryCache cache, RegistryCacheStatus status) {
        caches.put(cache.getMetadata().getName(), status);
    }

    public void forget(RegistryCache cache) {
        caches.remove(cache.getMetadata().getName());
    }

    /**
     * What has been decided about a MirroredImage.
     *
     * @param nodes that should have all that is served
     * @param nodesReady that have it
     */
    public void seen(MirroredImage image, MirroredImageStatus status, int nodes, int nodesReady) {
        images.put(image.getMetadata().getName(), MirroredRows.of(status, nodes, nodesReady));
    }

    public void forget(MirroredImage image) {
        images.remove(image.getMetadata().getName());
    }

    @Override
    public List<MetricFamilySamples> collect() {
        return List.of(
                conditions().family(),
                nodes().family(),
                failing().family(),
                tags().family(),
                since(
                        "larder_mirroredimage_served_since_timestamp_seconds",
                        "Since when the nodes answer a tag with a digest.",
                        MirroredRows::served),
                since(
                        "larder_mirroredimage_waiting_since_timestamp_seconds",
                        "Since when the upstream has been seen to have a digest that is not served.",
                        MirroredRows::waiting),
                mirroredNodes().family(),
                lastChecks().family());
    }

    private GaugeRows conditions() {
        var rows = new GaugeRows(
                "larder_resource_condition",
                "Whether a condition of a custom resource is True.",
                List.of("kind", "name", "type"));
        caches.forEach((name, status) -> conditions(rows, RegistryCache.KIND, name, status.conditions()));
        images.forEach((name, seen) ->
                seen.conditions().forEach((type, is) -> rows.add(is ? 1 : 0, MirroredImage.KIND, name, type)));
        return rows;
    }

    private static void conditions(GaugeRows rows, String kind, String name, List<Condition> conditions) {
        conditions.stream()
                .filter(condition -> condition.status() != Condition.Status.Unknown)
                .forEach(condition ->
                        rows.add(condition.status() == Condition.Status.True ? 1 : 0, kind, name, condition.type()));
    }

    private GaugeRows nodes() {
        var rows = new GaugeRows("larder_registrycache_nodes", "Nodes of a RegistryCache.", List.of("name", "state"));
        caches.forEach((name, status) -> {
            NodesStatus nodes = status.nodes();
            if (nodes != null) {
                rows.add(nodes.desired(), name, "desired");
                rows.add(nodes.ready(), name, "ready");
                rows.add(nodes.configured(), name, "configured");
            }
        });
        return rows;
    }

    private GaugeRows failing() {
        var rows = new GaugeRows(
                "larder_registrycache_node_failing", "A node in trouble.", List.of("name", "node", "reason"));
        caches.forEach((name, status) -> {
            NodesStatus nodes = status.nodes();
            List<FailingNode> failing = nodes == null ? List.of() : nodes.failing();
            failing.forEach(node -> rows.add(1, name, node.node(), node.reason()));
        });
        return rows;
    }

    private GaugeRows tags() {
        var rows = new GaugeRows("larder_mirroredimage_tags", "Tags of a MirroredImage.", List.of("name", "state"));
        images.forEach((name, seen) -> {
            rows.add(seen.tagsServed(), name, "served");
            rows.add(seen.tagsWaiting(), name, "waiting");
        });
        return rows;
    }

    private MetricFamilySamples since(
            String metric, String help, Function<MirroredRows, List<MirroredRows.Since>> which) {
        var rows = new GaugeRows(metric, help, List.of("name", "tag", "digest"));
        images.forEach((name, seen) ->
                which.apply(seen).forEach(since -> rows.add(since.at(), name, since.tag(), since.digest())));
        return rows.family();
    }

    private GaugeRows mirroredNodes() {
        var rows = new GaugeRows(
                "larder_mirroredimage_nodes", "Nodes that a MirroredImage is for.", List.of("name", "state"));
        images.forEach((name, seen) -> {
            rows.add(seen.nodes(), name, "desired");
            rows.add(seen.nodesReady(), name, "ready");
        });
        return rows;
    }

    private GaugeRows lastChecks() {
        var rows = new GaugeRows(
                "larder_mirroredimage_last_check_timestamp_seconds",
                "When the upstream of a MirroredImage was looked at last.",
                List.of("name"));
        images.forEach((name, seen) -> {
            if (seen.lastCheck() != MirroredRows.NEVER) {
                rows.add(seen.lastCheck(), name);
            }
        });
        return rows;
    }
}
