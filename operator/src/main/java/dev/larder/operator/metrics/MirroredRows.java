package dev.larder.operator.metrics;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.MirroredImageStatus;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Of one MirroredImage what the metrics tell and nothing else: of thousands, the statuses would be the larger part of the
 * operator's memory.
 *
 * @param conditions that are True or False, by type
 * @param tagsServed all of them, as {@code tagsWaiting}; {@code served} and {@code waiting} have the first
 * @param nodes that should have all that is served
 * @param lastCheck in seconds, or {@link #NEVER}
 */
record MirroredRows(
        Map<String, Boolean> conditions,
        int tagsServed,
        int tagsWaiting,
        List<Since> served,
        List<Since> waiting,
        int nodes,
        int nodesReady,
        double lastCheck) {

    static final double NEVER = -1;

    /** Of one MirroredImage; the status has them all. */
    static final int MOST_TAGS = 100;

    /** @param at in seconds */
    record Since(String tag, String digest, double at) {}

    MirroredRows {
        conditions = Collections.unmodifiableMap(conditions);
        served = List.copyOf(served);
        waiting = List.copyOf(waiting);
    }

    static MirroredRows of(MirroredImageStatus status, int nodes, int nodesReady) {
        Map<String, Boolean> conditions = new TreeMap<>();
        for (Condition condition : status.conditions()) {
            if (condition.status() != Condition.Status.Unknown) {
                conditions.put(condition.type().intern(), condition.status() == Condition.Status.True);
            }
        }
        List<MirroredTagStatus> waiting =
                status.tags().stream().filter(tag -> tag.waiting() != null).toList();
        String checked = status.lastCheck();
        return new MirroredRows(
                conditions,
                (int) status.tags().stream()
                        .filter(tag -> tag.servedDigest() != null)
                        .count(),
                waiting.size(),
                first(status.tags().stream().map(tag -> since(tag.tag(), tag.servedDigest(), tag.since()))),
                first(waiting.stream().map(tag -> since(tag.tag(), tag.upstreamDigest(), tag.upstreamSince()))),
                nodes,
                nodesReady,
                checked == null ? NEVER : seconds(checked));
    }

    private static List<Since> first(Stream<@Nullable Since> rows) {
        return rows.filter(Objects::nonNull).limit(MOST_TAGS).toList();
    }

    /** Null when one of them is not known. */
    private static @Nullable Since since(String tag, @Nullable String digest, @Nullable String since) {
        return digest == null || since == null ? null : new Since(tag, digest, seconds(since));
    }

    private static double seconds(String instant) {
        return (double) Instant.parse(instant).getEpochSecond();
    }
}
