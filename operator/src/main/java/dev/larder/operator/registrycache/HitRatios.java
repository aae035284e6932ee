package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.nodes.NodeReport;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The last hour's share of requests answered from disk, from counters that only grow while a node cache runs. Keeps one
 * bucket a minute for each registry and the last counters of each node; guarded by its own lock, one for each resource.
 */
final class HitRatios {

    private static final Duration WINDOW = Duration.ofHours(1);

    /** One for each RegistryCache. */
    static final class ByResource {

        private final Map<String, HitRatios> byName = new ConcurrentHashMap<>();

        HitRatios of(RegistryCache cache) {
            return byName.computeIfAbsent(cache.getMetadata().getName(), name -> new HitRatios());
        }

        void add(RegistryCache cache, Observation seen, Instant now) {
            of(cache).add(seen.reportsByNode(), seen.nodeNames(), now);
        }

        void forget(RegistryCache cache) {
            byName.remove(cache.getMetadata().getName());
        }
    }

    /** Requests and those of them that were hits. */
    private record Count(long requests, long hits) {
        Count plus(Count more) {
            return new Count(requests + more.requests, hits + more.hits);
        }

        /** A counter that went back belongs to a node cache that started again: all it counts is new. */
        Count since(Count before) {
            return requests < before.requests || hits < before.hits
                    ? this
                    : new Count(requests - before.requests, hits - before.hits);
        }
    }

    private record Bucket(Instant minute, Map<String, Count> byHost) {}

    private final Deque<Bucket> buckets = new ArrayDeque<>();
    private final Map<String, Map<String, Count>> lastByNode = new HashMap<>();

    /**
     * Adds what has happened since the last call, and forgets what is older than an hour.
     *
     * @param nodes all there are, also those that are silent just now: their counters will go on
     */
    synchronized void add(Map<String, NodeReport> reports, Set<String> nodes, Instant now) {
        Instant minute = now.truncatedTo(ChronoUnit.MINUTES);
        if (buckets.isEmpty() || buckets.getLast().minute().isBefore(minute)) {
            buckets.addLast(new Bucket(minute, new HashMap<>()));
        }
        Map<String, Count> current = buckets.getLast().byHost();
        reports.forEach((node, report) -> report.registries().forEach(registry -> {
            Count total = new Count(registry.requests(), registry.hits());
            Map<String, Count> lastOfNode = lastByNode.computeIfAbsent(node, key -> new HashMap<>());
            Count before = lastOfNode.put(registry.host(), total);
            // What a node counted before this operator started may be older than an hour.
            Count more = before == null ? new Count(0, 0) : total.since(before);
            current.merge(registry.host(), more, Count::plus);
        }));
        lastByNode.keySet().retainAll(nodes);
        Instant oldest = now.minus(WINDOW);
        while (buckets.getFirst().minute().isBefore(oldest)) {
            buckets.removeFirst();
        }
    }

    /** As text, such as 87%; empty when nothing was asked for. */
    synchronized Optional<String> of(String host) {
        return ratio(host::equals);
    }

    synchronized Optional<String> ofAll() {
        return ratio(host -> true);
    }

    private Optional<String> ratio(Predicate<String> hosts) {
        Count sum = buckets.stream()
                .flatMap(bucket -> bucket.byHost().entrySet().stream())
                .filter(entry -> hosts.test(entry.getKey()))
                .map(Map.Entry::getValue)
                .reduce(new Count(0, 0), Count::plus);
        return sum.requests() == 0
                ? Optional.empty()
                : Optional.of(Math.floorDiv(100 * sum.hits(), sum.requests()) + "%");
    }
}
