package dev.larder.operator.mirroredimage;

import dev.larder.operator.nodes.JobClient;
import dev.larder.operator.nodes.NodeCacheClient;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * What a {@link MirroredImageReconciler} is made from.
 *
 * @param namespace the operator's
 * @param threads one virtual thread a task
 */
public record MirrorParts(
        KubernetesClient client, String namespace, NodeCacheClient nodes, JobClient jobs, ExecutorService threads) {

    /** Each node cache has fewer places: a large cluster can use them all. */
    private static final int CHECKS_AT_ONCE = 32;

    /** Of those that the schedule asks for: thousands that were missed are looked at within minutes, not all at once. */
    private static final int SCHEDULED_AT_ONCE = 50;

    private static final Duration SCHEDULED_PACE = Duration.ofMillis(50);

    /** From here on so fast that 5,000 resources can be looked at each minute. */
    private static final Duration LONG_WAIT = Duration.ofSeconds(10);

    private static final Duration FAST_PACE = Duration.ofMillis(10);

    MirroredImageReconciler.Parts make(Clock clock) {
        return new MirroredImageReconciler.Parts(
                new UpstreamCheck(jobs, clock),
                new RunningTasks<>(threads, CHECKS_AT_ONCE),
                new Turns(SCHEDULED_AT_ONCE, SCHEDULED_PACE, LONG_WAIT, FAST_PACE),
                new Copies(
                        new RunningTasks<>(threads, Copies.atOnce()),
                        new Copier(jobs, new TargetAccess(client, namespace))),
                new TableWriter(client, namespace, clock, this::later),
                new NodeSurvey(nodes, client, clock));
    }

    private void later(Duration delay, Runnable task) {
        CompletableFuture.delayedExecutor(delay.toMillis(), TimeUnit.MILLISECONDS, threads)
                .execute(task);
    }
}
