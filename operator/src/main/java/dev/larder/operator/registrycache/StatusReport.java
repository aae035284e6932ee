package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheStatus;
import dev.larder.operator.events.EventRecorder;
import dev.larder.operator.metrics.ResourceMetrics;
import io.javaoperatorsdk.operator.api.reconciler.ErrorStatusUpdateControl;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Says in the status, in metrics, and where it changes in Events, what has come of a reconcile; writes nothing when nothing
 * is new.
 */
final class StatusReport {

    private final EventRecorder events;
    private final ResourceMetrics metrics;
    private final Clock clock;
    private final HitRatios.ByResource hits = new HitRatios.ByResource();

    StatusReport(EventRecorder events, ResourceMetrics metrics, Clock clock) {
        this.events = events;
        this.metrics = metrics;
        this.clock = clock;
    }

    UpdateControl<RegistryCache> of(RegistryCache cache, Observation seen) {
        Instant now = clock.instant();
        hits.add(cache, seen, now);
        RegistryCacheStatus before = before(cache);
        RegistryCacheStatus after = StatusAssembler.assemble(cache, before, seen, hits.of(cache), now);
        metrics.seen(cache, after);
        announce(cache, before, after);
        Duration next = seen.lookAgainAfter(now);
        return after.equals(before)
                ? UpdateControl.<RegistryCache>noUpdate().rescheduleAfter(next)
                : UpdateControl.patchStatus(onlyStatus(cache, after)).rescheduleAfter(next);
    }

    /** Of a reconcile that failed; it is tried again. */
    ErrorStatusUpdateControl<RegistryCache> ofFailure(RegistryCache cache, Exception failure) {
        RegistryCacheStatus before = before(cache);
        RegistryCacheStatus after = StatusAssembler.failed(cache, before, failure, clock.instant());
        metrics.seen(cache, after);
        if (after.equals(before)) {
            return ErrorStatusUpdateControl.noStatusUpdate();
        }
        announce(cache, before, after);
        return ErrorStatusUpdateControl.patchStatus(onlyStatus(cache, after));
    }

    void forget(RegistryCache cache) {
        hits.forget(cache);
        metrics.forget(cache);
    }

    private void announce(RegistryCache cache, RegistryCacheStatus before, RegistryCacheStatus after) {
        Announcements.between(before, after)
                .forEach(news -> events.record(cache, news.type(), news.reason(), "Reconcile", news.note()));
    }

    private static RegistryCacheStatus before(RegistryCache cache) {
        return cache.getStatus() == null ? RegistryCacheStatus.NONE : cache.getStatus();
    }

    /** Server-side apply owns every field it is given, so it is given nothing else. */
    private static RegistryCache onlyStatus(RegistryCache cache, RegistryCacheStatus status) {
        RegistryCache out = new RegistryCache();
        out.getMetadata().setName(cache.getMetadata().getName());
        out.setStatus(status);
        return out;
    }
}
