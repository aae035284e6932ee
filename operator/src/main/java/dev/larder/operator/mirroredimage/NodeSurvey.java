package dev.larder.operator.mirroredimage;

import dev.larder.operator.nodes.NodeAnswer;
import dev.larder.operator.nodes.NodeCacheClient;
import dev.larder.operator.nodes.NodeReport;
import dev.larder.operator.registrycache.desired.Revision;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the node caches say of the mirrored tags, asked for all resources together, and not again within moments. Makes the
 * kubelets of those that do not have the newest table bring it at once. Thread-safe.
 */
final class NodeSurvey {

    /** For a resource that waits for the nodes, and for one that has all it wants. */
    private static final Duration FRESH = Duration.ofSeconds(2);

    private static final Duration CALM = Duration.ofSeconds(20);
    private static final Duration FORGOTTEN = Duration.ofMinutes(10);
    private static final int TOLD_AT_ONCE = 100;
    /** Short names of waiting tags, of one node and of all together: 4 MiB. */
    private static final int NAMES = 20_000;

    private static final int NAMES_IN_ALL = 1 << 20;

    /** While the table changes all the time, a node is told no more often, and all together ten times a second. */
    private static final Duration TOLD_AGAIN = Writing.TOGETHER;

    private static final Duration TOLD_SHARE = Duration.ofMillis(100);

    /** On a pod: changing it makes the kubelet look at the pod's volumes. */
    private static final String TABLE_REVISION = "larder.dev/mirror-revision";

    private static final Logger LOG = LoggerFactory.getLogger(NodeSurvey.class);

    private final NodeCacheClient nodes;
    private final KubernetesClient client;
    private final Clock clock;

    /** By pod. Guarded by this, as is the rest. */
    private final Map<String, Seen> seen = new HashMap<>();

    private final Map<String, Told> told = new HashMap<>();

    /** @param report null when there was no answer */
    private record Seen(
            NodeCacheClient.Address address, @Nullable NodeReport report, Instant at) {
        boolean isGood(NodeCacheClient.Address now, Instant since) {
            return address.equals(now) && at.isAfter(since);
        }
    }

    private record Told(String value, Instant at) {}

    NodeSurvey(NodeCacheClient nodes, KubernetesClient client, Clock clock) {
        this.nodes = nodes;
        this.client = client;
        this.clock = clock;
    }

    /**
     * The reports of those that answer, by pod.
     *
     * @param calm when nothing is waited for, and an older report will do
     */
    synchronized Map<String, NodeReport> ask(Coverage coverage, boolean calm) throws InterruptedException {
        Instant since = clock.instant().minus(calm ? CALM : FRESH);
        Map<String, NodeCacheClient.Address> unknown = new LinkedHashMap<>();
        coverage.pods().forEach((name, node) -> {
            Seen last = seen.get(name);
            if (last == null || !last.isGood(node.status(), since)) {
                unknown.put(name, node.status());
            }
        });
        if (!unknown.isEmpty()) {
            Map<String, NodeAnswer> answers = nodes.askAll(
                    unknown,
                    Math.min(NAMES, NAMES_IN_ALL / Math.max(1, coverage.pods().size())));
            Instant now = clock.instant();
            seen.values().removeIf(old -> old.at().plus(FORGOTTEN).isBefore(now));
            unknown.forEach((name, address) -> seen.put(name, new Seen(address, report(answers.get(name)), now)));
        }
        Map<String, NodeReport> said = new LinkedHashMap<>();
        coverage.pods().keySet().forEach(name -> {
            Seen last = seen.get(name);
            if (last != null && last.report() != null) {
                said.put(name, last.report());
            }
        });
        return said;
    }

    private static @Nullable NodeReport report(@Nullable NodeAnswer answer) {
        return answer instanceof NodeAnswer.Said(NodeReport report) ? report : null;
    }

    /**
     * Those that have not loaded the table in this state, and have not been told, are told.
     *
     * @param revisions by the names of the files
     * @param behind pods that do not know these nodes yet
     */
    synchronized void tell(
            Coverage coverage,
            Map<String, NodeReport> reports,
            Map<String, String> revisions,
            Set<String> behind,
            NodeGroups.Place nodes) {
        String table = Revision.of(revisions.toString());
        String withNodes = Revision.of(revisions + " " + new TreeSet<>(nodes.members()));
        Instant now = clock.instant();
        Duration share = TOLD_SHARE.multipliedBy(reports.size());
        Duration pause = share.compareTo(TOLD_AGAIN) > 0 ? share : TOLD_AGAIN;
        Map<String, String> due = new LinkedHashMap<>();
        reports.forEach((pod, report) -> {
            Coverage.NodeCache node = coverage.pods().get(pod);
            boolean lacksTable = !report.mirror().revisions().entrySet().containsAll(revisions.entrySet());
            String value = behind.contains(pod) ? withNodes : table;
            if (node != null
                    && (lacksTable || behind.contains(pod))
                    && !value.equals(annotation(node))
                    && mayBeTold(node, value, now, pause)) {
                due.put(pod, value);
            }
        });
        due.keySet().stream()
                .limit(TOLD_AT_ONCE)
                .forEach(pod ->
                        tell(Objects.requireNonNull(coverage.pods().get(pod)), String.valueOf(due.get(pod)), now));
    }

    private boolean mayBeTold(Coverage.NodeCache node, String value, Instant now, Duration pause) {
        Told last = told.get(node.pod().getMetadata().getName());
        return last == null
                || (!last.value().equals(value) && !last.at().plus(pause).isAfter(now))
                || last.at().plus(FORGOTTEN).isBefore(now);
    }

    private static String annotation(Coverage.NodeCache node) {
        Map<String, String> annotations = node.pod().getMetadata().getAnnotations();
        return annotations == null ? "" : annotations.getOrDefault(TABLE_REVISION, "");
    }

    private void tell(Coverage.NodeCache node, String value, Instant now) {
        var metadata = node.pod().getMetadata();
        try {
            client.pods()
                    .inNamespace(metadata.getNamespace())
                    .withName(metadata.getName())
                    .patch(
                            PatchContext.of(PatchType.JSON_MERGE),
                            "{\"metadata\":{\"annotations\":{\"" + TABLE_REVISION + "\":\"" + value + "\"}}}");
        } catch (KubernetesClientException e) {
            // The kubelet brings the table a minute later without it. A pod may go at any time.
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                LOG.warn("cannot tell {} of the new table: {}", metadata.getName(), e.getMessage());
            }
        }
        told.values().removeIf(old -> old.at().plus(FORGOTTEN).isBefore(now));
        told.put(metadata.getName(), new Told(value, now));
    }
}
