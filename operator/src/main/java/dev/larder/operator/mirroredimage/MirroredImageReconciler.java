package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.ConditionType;
import dev.larder.crds.v1alpha1.KeptOnNodesSpec;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredImageStatus;
import dev.larder.operator.events.EventRecorder;
import dev.larder.operator.metrics.ResourceMetrics;
import dev.larder.operator.nodes.NodeReport;
import dev.larder.operator.registrycache.desired.Names;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.MaxReconciliationInterval;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.rate.RateLimited;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The whole story of a MirroredImage: look at the upstream when that is due, decide what is served, have it copied,
 * give the nodes the table, ask them how far they are, say so in the status. Looking and copying run beside the reconciles. The status is the memory: what
 * is served is there, and a table is made from it alone.
 */
@RateLimited(maxReconciliations = 4, within = 2)
@GradualRetry(maxAttempts = Integer.MAX_VALUE, initialInterval = 1000, intervalMultiplier = 2, maxInterval = 30_000)
@ControllerConfiguration(
        name = "mirroredimage",
        fieldManager = Names.OPERATOR,
        triggerReconcilerOnAllEvents = true,
        generationAwareEventProcessing = false,
        maxReconciliationInterval = @MaxReconciliationInterval(interval = 10, timeUnit = TimeUnit.MINUTES))
public class MirroredImageReconciler implements Reconciler<MirroredImage> {

    /** Its end is told; this is for what should never happen. */
    private static final Duration WHILE_LOOKING = Duration.ofMinutes(1);

    private static final Duration ASKED_AGAIN = Duration.ofSeconds(1);
    private static final Duration NODES_SOONEST = Duration.ofSeconds(3);
    private static final Duration NODES_LATEST = Duration.ofMinutes(5);

    private final Clock clock;
    private final EventRecorder events;
    private final ResourceMetrics metrics;
    private final Parts parts;
    private final RunningTasks<CheckResult> checks;
    /** By the resources' uids, what was found and is not known to be in the status yet. */
    private final Map<String, CheckResult> notStored = new ConcurrentHashMap<>();
    /** Tells of what has ended beside the reconciles. */
    private final SimpleInboundEventSource<MirroredImage> ended = new SimpleInboundEventSource<>("ended-tasks");

    /** What the reconciler works with. */
    record Parts(
            UpstreamCheck check,
            RunningTasks<CheckResult> checks,
            Turns turns,
            Copies copies,
            TableWriter table,
            NodeSurvey survey) {}

    public MirroredImageReconciler(MirrorParts parts, EventRecorder events, ResourceMetrics metrics, Clock clock) {
        this.parts = parts.make(clock);
        this.checks = this.parts.checks();
        this.events = events;
        this.metrics = metrics;
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, MirroredImage>> prepareEventSources(EventSourceContext<MirroredImage> context) {
        return Stream.concat(MirrorWatches.eventSources(context).stream(), Stream.of(ended))
                .toList();
    }

    @Override
    public UpdateControl<MirroredImage> reconcile(MirroredImage copy, Context<MirroredImage> context)
            throws InterruptedException {
        MirroredImage image = MirrorWatches.kept(copy, context);
        String uid = image.getMetadata().getUid();
        if (context.isPrimaryResourceDeleted() || image.isMarkedForDeletion()) {
            forget(image);
            return UpdateControl.noUpdate();
        }
        MirroredImageStatus before = image.getStatus() == null ? MirroredImageStatus.NONE : image.getStatus();
        Instant now = clock.instant();
        Coverage coverage = Coverage.of(
                image.getSpec().source(),
                MirrorWatches.caches(context),
                MirrorWatches.pods(context),
                () -> MirrorWatches.nodes(context));
        ResourceID id = ResourceID.fromResource(image);
        Runnable wake = () -> ended.propagateEvent(id);
        Decision decision = new Decision(image, before, coverage, () -> MirrorWatches.images(context), now);
        Optional<CheckResult> result = result(image, before);
        Duration turn = look(uid, decision, result, now, wake);
        Decision.Made made = decision.make(result.orElse(null));
        Copies.Step copied = parts.copies()
                .step(image, before, made.tags(), coverage, () -> MirrorWatches.images(context), now, wake);
        TableFile.Place place = parts.table().put(made.part(), group(image, coverage, context), () -> all(context));
        Keepers keepers = Keepers.of(
                image.getSpec().to().nodes(),
                image.getSpec().source(),
                place.nodes(),
                !coverage.pods().isEmpty());
        Map<String, NodeReport> reports = parts.survey().ask(coverage, isReady(before));
        Readiness readiness = Readiness.of(image, made.tags(), place, keepers, coverage, reports);
        parts.survey().tell(coverage, reports, parts.table().revisions(), readiness.behind(), place.nodes());
        MirroredImageStatus after =
                MirrorStatus.of(image, before, made.known(readiness, place, keepers.problems(), copied));
        boolean same = after.equals(before);
        metrics.seen(image, after, readiness.nodes(), readiness.whole());
        Stream.concat(made.news().stream(), copied.news().stream())
                .forEach(news -> events.record(image, news.type(), news.reason(), "Reconcile", news.note()));
        Duration next = result.filter(decision::isAskedAgain).isPresent()
                ? ASKED_AGAIN
                : soonest(made.lookAgainAfter(readiness, turn), copied.lookAgain());
        return same
                ? UpdateControl.<MirroredImage>noUpdate().rescheduleAfter(next)
                : UpdateControl.patchStatus(onlyStatus(image, after)).rescheduleAfter(next);
    }

    /** Begins one if it is due and may. When to think of it again; zero when nothing is due. */
    private Duration look(String uid, Decision decision, Optional<CheckResult> result, Instant now, Runnable wake) {
        if (checks.isRunning(uid)) {
            return WHILE_LOOKING;
        }
        if (!decision.isDue(result)) {
            return Duration.ZERO;
        }
        Duration turn = decision.isAskedFor() ? Duration.ZERO : parts.turns().untilTurnOf(uid, now);
        if (!turn.isZero()) {
            return turn;
        }
        UpstreamCheck.Question question = decision.question();
        checks.start(uid, () -> parts.check().run(question), wake);
        return WHILE_LOOKING;
    }

    private static NodeGroup group(MirroredImage image, Coverage coverage, Context<MirroredImage> context) {
        KeptOnNodesSpec wanted = image.getSpec().to().nodes();
        return wanted.chooses()
                ? NodeGroup.of(wanted, image.getSpec().source(), coverage, MirrorWatches.nodes(context))
                : NodeGroup.ALL;
    }

    /** Again what a reconcile had that could not store what came of it: the table may say it already, and must not go back. */
    private Optional<CheckResult> result(MirroredImage image, MirroredImageStatus before) {
        String uid = image.getMetadata().getUid();
        Optional<CheckResult> taken = checks.take(uid);
        taken.ifPresent(result -> notStored.put(uid, result));
        CheckResult last = notStored.get(uid);
        boolean over = last != null
                && taken.isEmpty()
                && (last.isIn(before)
                        || last.asked().generation() != image.getMetadata().getGeneration());
        if (over) {
            notStored.remove(uid);
        }
        return over ? Optional.empty() : Optional.ofNullable(last);
    }

    private void forget(MirroredImage image) {
        String uid = image.getMetadata().getUid();
        notStored.remove(uid);
        checks.forget(uid);
        parts.turns().forget(uid);
        parts.copies().forget(uid);
        metrics.forget(image);
        parts.table().remove(image.getMetadata().getName());
    }

    private static Duration soonest(Duration one, Optional<Duration> other) {
        return other.filter(some -> some.compareTo(one) < 0).orElse(one);
    }

    private static boolean isReady(MirroredImageStatus status) {
        return status.conditions().stream()
                .anyMatch(condition ->
                        condition.type().equals(ConditionType.READY) && condition.status() == Condition.Status.True);
    }

    /** Soon after something has changed, ever less often while nodes do not get on. */
    static Duration nodesAgain(Duration sinceChange) {
        Duration half = sinceChange.dividedBy(2);
        Duration least = half.compareTo(NODES_SOONEST) < 0 ? NODES_SOONEST : half;
        return least.compareTo(NODES_LATEST) < 0 ? least : NODES_LATEST;
    }

    private static List<TagTable.Part> all(Context<MirroredImage> context) {
        return MirrorWatches.images(context).stream()
                .filter(image -> image.getStatus() != null && !image.isMarkedForDeletion())
                .map(image -> TagTable.Part.of(
                        image,
                        image.getStatus().tags(),
                        Boolean.TRUE.equals(image.getStatus().open())))
                .toList();
    }

    /** Server-side apply owns every field it is given, so it is given nothing else. */
    private static MirroredImage onlyStatus(MirroredImage image, MirroredImageStatus status) {
        MirroredImage out = new MirroredImage();
        out.getMetadata().setName(image.getMetadata().getName());
        out.setStatus(status);
        return out;
    }
}
