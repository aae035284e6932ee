package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.CopyTagStatus;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredImageStatus;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.crds.v1alpha1.TargetRepositorySpec;
import dev.larder.operator.events.EventRecorder;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings what is served to {@code spec.to.repository}, beside the reconciles. A failure is tried again, ever more rarely; it
 * touches neither what is served nor what was copied before. Thread-safe.
 */
final class Copies {

    private static final int AT_ONCE = 4;
    /** A resource with many tags is seen to get on, and other resources get their turn. */
    private static final int BATCH = 10;

    private static final int MAX_REMOVING = 200;
    /** Its end is told; this is for what should never happen. */
    private static final Duration WHILE_COPYING = Duration.ofMinutes(1);

    private static final Duration SOONEST = Duration.ofSeconds(2);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);

    private final RunningTasks<Copier.Result> tasks;
    private final Copier copier;
    /** By the resources' uids. */
    private final Map<String, Setback> setbacks = new ConcurrentHashMap<>();

    /** A failure, and when it is tried again. */
    private record Setback(long generation, int count, Instant again, CheckResult.Failure failure) {}

    /** What the status says of it. */
    record Told(Condition.Status status, String reason, String message) {}

    /**
     * Where things are.
     *
     * @param told null when nothing is to be copied
     * @param lookAgain empty when there is nothing to wait for
     */
    record Step(
            List<MirroredTagStatus> tags,
            List<CopyTagStatus> removing,
            @Nullable Told told,
            List<Decision.News> news,
            Optional<Duration> lookAgain) {
        Step {
            tags = List.copyOf(tags);
            removing = List.copyOf(removing);
            news = List.copyOf(news);
        }
    }

    Copies(RunningTasks<Copier.Result> tasks, Copier copier) {
        this.tasks = tasks;
        this.copier = copier;
    }

    static int atOnce() {
        return AT_ONCE;
    }

    void forget(String uid) {
        tasks.forget(uid);
        setbacks.remove(uid);
    }

    /**
     * What is to be done next, begun.
     *
     * @param tags as decided now; {@code before} has those of the time before
     * @param ended run when what was begun has ended
     */
    Step step(
            MirroredImage image,
            MirroredImageStatus before,
            List<MirroredTagStatus> tags,
            Coverage coverage,
            Supplier<? extends Collection<MirroredImage>> all,
            Instant now,
            Runnable ended) {
        TargetRepositorySpec target = image.getSpec().to().repository();
        String uid = image.getMetadata().getUid();
        if (target == null || image.getSpec().dryRun()) {
            forget(uid);
            return new Step(tags, before.removing(), null, List.of(), Optional.empty());
        }
        Optional<Problem> problem = CopyTargets.problem(image, target, all.get());
        if (problem.isPresent()) {
            forget(uid);
            Told told = new Told(
                    Condition.Status.False, Copier.UNUSABLE, problem.get().toString());
            return new Step(tags, before.removing(), told, List.of(), Optional.empty());
        }
        return new Turn(image, target, before, coverage, now, ended).of(tags);
    }

    /** One resource in one reconcile. */
    private final class Turn {
        private final MirroredImage image;
        private final Runnable ended;
        private final TargetRepositorySpec target;
        private final MirroredImageStatus before;
        private final Coverage coverage;
        private final Instant now;
        private final String uid;
        private final long generation;
        private final List<Decision.News> news = new ArrayList<>();

        Turn(
                MirroredImage image,
                TargetRepositorySpec target,
                MirroredImageStatus before,
                Coverage coverage,
                Instant now,
                Runnable ended) {
            this.image = image;
            this.ended = ended;
            this.target = target;
            this.before = before;
            this.coverage = coverage;
            this.now = now;
            this.uid = image.getMetadata().getUid();
            Long number = image.getMetadata().getGeneration();
            this.generation = number == null ? 0 : number;
        }

        Step of(List<MirroredTagStatus> decided) {
            Optional<Copier.Result> result = tasks.take(uid);
            List<MirroredTagStatus> tags = result.map(some -> CopyPlan.with(
                            decided,
                            some.done(),
                            now.truncatedTo(ChronoUnit.SECONDS).toString()))
                    .orElse(decided);
            CopyPlan plan =
                    new CopyPlan(tags, ZoneId.of(image.getSpec().schedule().timeZone()));
            Set<CopyTagStatus> removing = removing(plan, result);
            result.ifPresent(this::learn);
            List<CopyPlan.Copy> copies = plan.copies(target.datedTags(), removing);
            Setback setback = setbacks.get(uid);
            boolean mayStart = setback == null
                    || setback.generation() != generation
                    || !setback.again().isAfter(now);
            boolean pending = !copies.isEmpty() || !removing.isEmpty();
            if (pending && mayStart && !tasks.isRunning(uid)) {
                start(plan, copies, removing);
            }
            Optional<Duration> again = Optional.empty();
            if (pending) {
                again = Optional.of(
                        tasks.isRunning(uid) || setback == null ? WHILE_COPYING : atLeast(now, setback.again()));
            }
            return new Step(tags, List.copyOf(removing), told(tags, copies.size()), news, again);
        }

        private Set<CopyTagStatus> removing(CopyPlan plan, Optional<Copier.Result> result) {
            Set<CopyTagStatus> removing = new LinkedHashSet<>();
            if (target.prune()) {
                removing.addAll(before.removing());
                plan.leaving(before.tags()).stream().limit(MAX_REMOVING).forEach(removing::add);
                result.ifPresent(some -> removing.removeAll(some.removed()));
                while (removing.size() > MAX_REMOVING) {
                    removing.remove(removing.iterator().next());
                }
            }
            return removing;
        }

        private void start(CopyPlan plan, List<CopyPlan.Copy> copies, Set<CopyTagStatus> removing) {
            List<CopyPlan.Copy> first = copies.subList(0, Math.min(BATCH, copies.size()));
            List<Copier.Removal> removals = removing.stream()
                    .map(tag -> new Copier.Removal(tag, plan.wants(tag.digest())))
                    .toList();
            Copier.Order order = new Copier.Order(image.getSpec(), target, coverage.toAsk(uid), first, removals);
            tasks.start(uid, () -> copier.run(order), ended);
        }

        private void learn(Copier.Result result) {
            result.done()
                    .forEach(copy -> news.add(new Decision.News(
                            EventRecorder.Type.Normal,
                            "Copied",
                            copy.digest() + " is in " + target.image() + " as " + copy.tag()
                                    + (copy.datedTag() == null ? "" : " and " + copy.datedTag()))));
            result.notes().forEach(note -> news.add(new Decision.News(EventRecorder.Type.Normal, "NotRemoved", note)));
            CheckResult.Failure failure = result.failure();
            if (failure == null) {
                setbacks.remove(uid);
                return;
            }
            Optional<Setback> old = Optional.ofNullable(setbacks.get(uid));
            int count = old.filter(same ->
                            same.generation() == generation && result.done().isEmpty())
                    .map(same -> same.count() + 1)
                    .orElse(1);
            Duration pause = FIRST_PAUSE.multipliedBy(1L << Math.min(count - 1, 10));
            Duration least = pause.compareTo(LONGEST_PAUSE) < 0 ? pause : LONGEST_PAUSE;
            if (old.filter(same -> same.failure().equals(failure)).isEmpty()) {
                news.add(new Decision.News(EventRecorder.Type.Warning, failure.reason(), failure.message()));
            }
            setbacks.put(uid, new Setback(generation, count, now.plus(least), failure));
        }

        private Told told(List<MirroredTagStatus> tags, int pending) {
            long served =
                    tags.stream().filter(tag -> tag.servedDigest() != null).count();
            String there = (served - pending) + " of " + served + " tags are in " + target.image();
            Setback setback = setbacks.get(uid);
            if (setback != null) {
                return new Told(
                        Condition.Status.False,
                        setback.failure().reason(),
                        setback.failure().message() + "; " + there + "; tried again at "
                                + setback.again().truncatedTo(ChronoUnit.SECONDS));
            }
            if (served == 0) {
                return new Told(Condition.Status.False, "NothingServed", "nothing has been promoted");
            }
            return pending > 0
                    ? new Told(Condition.Status.False, "Copying", there)
                    : new Told(Condition.Status.True, "Copied", there);
        }
    }

    private static Duration atLeast(Instant now, Instant then) {
        Duration wait = Duration.between(now, then);
        return wait.compareTo(SOONEST) < 0 ? SOONEST : wait;
    }
}
