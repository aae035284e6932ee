package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.operator.cloud.CloudLogins;
import dev.larder.operator.events.EventRecorder;
import dev.larder.operator.metrics.ResourceMetrics;
import dev.larder.operator.nodes.NodeCacheClient;
import dev.larder.operator.nodes.ObservedNode;
import dev.larder.operator.registrycache.dependent.AppliedObjects;
import dev.larder.operator.registrycache.desired.CachePlan;
import dev.larder.operator.registrycache.desired.DesiredObjects;
import dev.larder.operator.registrycache.desired.Names;
import dev.larder.operator.registrycache.desired.Settings;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimited;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The whole story of a RegistryCache: decide what is wanted, apply it, ask the nodes what has come of it, say so in the
 * status. Deleting one needs no operator: its children are garbage collected, and each hosts writer restores its node on its
 * way out. A finalizer holds it back only while some node could not.
 */
@RateLimited(maxReconciliations = 4, within = 2)
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 1000, intervalMultiplier = 2, maxInterval = 30_000)
@ControllerConfiguration(
        name = "registrycache",
        fieldManager = Names.OPERATOR,
        triggerReconcilerOnAllEvents = true,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 5, timeUnit = TimeUnit.MINUTES))
public class RegistryCacheReconciler implements Reconciler<RegistryCache> {

    private final Settings settings;
    private final NodeObserver nodes;
    private final StatusReport status;
    private final Clock clock;
    private final CloudSecrets logins;
    private final NodeCertificates certificates;
    private final AppliedObjects objects = new AppliedObjects();

    public RegistryCacheReconciler(
            Settings settings,
            NodeCacheClient nodes,
            NodeCertificates certificates,
            CloudLogins logins,
            EventRecorder events,
            ResourceMetrics metrics,
            Clock clock) {
        this.settings = settings;
        this.certificates = certificates;
        this.logins = new CloudSecrets(logins);
        this.nodes = new NodeObserver(nodes);
        this.status = new StatusReport(events, metrics, clock);
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, RegistryCache>> prepareEventSources(EventSourceContext<RegistryCache> context) {
        return Stream.concat(objects.eventSources(context).stream(), Watches.eventSources(context).stream())
                .toList();
    }

    @Override
    public UpdateControl<RegistryCache> reconcile(RegistryCache cache, Context<RegistryCache> context)
            throws InterruptedException {
        if (context.isPrimaryResourceDeleted()) {
            status.forget(cache);
            return UpdateControl.noUpdate();
        }
        if (cache.isMarkedForDeletion() && !cache.hasFinalizer(Names.RESTORE_FINALIZER)) {
            return UpdateControl.noUpdate(); // garbage collection and the hosts writers do the rest
        }
        Intent intent = logins.into(Intents.of(cache, settings, context), cache, context.getClient());
        Observation seen =
                intent.plan() == null ? withdrawn(intent, context) : applied(intent, intent.plan(), cache, context);
        return holdBackDeletion(cache, seen, context) ? status.of(cache, seen) : UpdateControl.noUpdate();
    }

    @Override
    public ErrorStatusUpdateControl<RegistryCache> updateErrorStatus(
            RegistryCache cache, Context<RegistryCache> context, Exception failure) {
        return status.ofFailure(cache, failure);
    }

    private Observation applied(Intent intent, CachePlan plan, RegistryCache cache, Context<RegistryCache> context)
            throws InterruptedException {
        DesiredObjects desired = DesiredObjects.of(plan);
        Instant certificateSince = certificates.ensure(); // before there are pods: the kubelet is in no hurry later
        DaemonSet earlier = context.getSecondaryResource(DaemonSet.class).orElse(null);
        if (!cache.isMarkedForDeletion() || earlier != null) {
            objects.apply(desired, cache, context);
            logins.deleteUnused(earlier, plan, context.getClient());
        }
        List<ObservedNode> observed = nodes.observe(
                Watches.pods(cache, context),
                Watches.nodes(context),
                plan.spec().ports());
        new PodRefresh(context.getClient())
                .refresh(observed, desired.configRevision(), intent.mountsRevision(), certificateSince);
        DaemonSet daemonSet = context.getSecondaryResource(DaemonSet.class).orElse(null);
        return Observation.of(
                intent, plan, desired.configRevision(), daemonSet, observed, certificateSince, clock.instant());
    }

    /** A spec with problems leaves alone what runs; one that lost to an older RegistryCache must not run. */
    private static Observation withdrawn(Intent intent, Context<RegistryCache> context) {
        if (intent.problems().isEmpty()) {
            context.getSecondaryResource(DaemonSet.class)
                    .filter(daemonSet -> !daemonSet.isMarkedForDeletion())
                    .ifPresent(
                            daemonSet -> context.getClient().resource(daemonSet).delete());
        }
        return Observation.ofNothing(intent);
    }

    /** Sets or removes the finalizer; false once nothing is left to do for a resource that is being deleted. */
    private static boolean holdBackDeletion(RegistryCache cache, Observation seen, Context<RegistryCache> context) {
        if (seen.unableToCleanUp().isEmpty()) {
            context.resourceOperations().removeFinalizer(Names.RESTORE_FINALIZER);
            return !cache.isMarkedForDeletion();
        }
        context.resourceOperations().addFinalizer(Names.RESTORE_FINALIZER);
        return true;
    }
}
