package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.HandledStatus;
import dev.larder.crds.v1alpha1.LeftOutStatus;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredImageSpec;
import dev.larder.crds.v1alpha1.MirroredImageStatus;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.crds.v1alpha1.PinSpec;
import dev.larder.crds.v1alpha1.ServedDigest;
import dev.larder.operator.events.EventRecorder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is to become of one MirroredImage in one reconcile: pure. */
final class Decision {

    private static final Duration AFTER_FAILURE = Duration.ofMinutes(5);
    private static final Duration WITHOUT_NODES = Duration.ofSeconds(10);
    private static final int EXAMPLES = 20;

    private final MirroredImage image;
    private final MirroredImageSpec spec;
    private final MirroredImageStatus before;
    private final Coverage coverage;
    private final Supplier<? extends Collection<MirroredImage>> all;
    private final Instant now;
    private final List<Problem> blocking = new ArrayList<>();
    private final Map<String, String> annotations;

    /** An Event to write. */
    record News(EventRecorder.Type type, String reason, String note) {}

    Decision(
            MirroredImage image,
            MirroredImageStatus before,
            Coverage coverage,
            Supplier<? extends Collection<MirroredImage>> all,
            Instant now) {
        this.image = image;
        this.spec = image.getSpec();
        this.before = before;
        this.coverage = coverage;
        this.all = all;
        this.now = now;
        this.annotations = Objects.requireNonNullElse(image.getMetadata().getAnnotations(), Map.of());
        blocking.addAll(TagSelection.problems(spec.tags()));
        blocking.addAll(Schedule.problems(spec.schedule()));
        coverage.problem().ifPresent(blocking::add);
    }

    private long generation() {
        return Objects.requireNonNullElse(image.getMetadata().getGeneration(), 0L);
    }

    private HandledStatus handled() {
        return before.handled() == null ? HandledStatus.NONE : before.handled();
    }

    private @Nullable String annotation(String name) {
        return annotations.get(name);
    }

    /** Whether the upstream is to be looked at, unless this result says all. */
    boolean isDue(Optional<CheckResult> result) {
        if (!blocking.isEmpty() || result.filter(this::isOfThisSpec).isPresent()) {
            return false;
        }
        String next = before.nextCheck();
        return isAskedFor() || next == null || !Instant.parse(next).isAfter(now);
    }

    /** Whether it is somebody who asks for a look, not the schedule. */
    boolean isAskedFor() {
        String checkNow = annotation(MirroredImage.CHECK_NOW);
        return before.lastCheck() == null
                || !Objects.equals(before.observedGeneration(), generation())
                || (checkNow != null && !checkNow.equals(handled().checkNow()));
    }

    /** Whether something has been asked for since the look began that has brought this: nothing else would tell of it. */
    boolean isAskedAgain(CheckResult result) {
        return !isOfThisSpec(result)
                || !Objects.equals(
                        annotation(MirroredImage.CHECK_NOW), result.asked().checkNow());
    }

    private boolean isOfThisSpec(CheckResult result) {
        return result.asked().generation() == generation();
    }

    UpstreamCheck.Question question() {
        Set<String> known = new LinkedHashSet<>();
        for (MirroredTagStatus tag : before.tags()) {
            if (tag.servedDigest() != null) {
                known.add(tag.servedDigest());
            }
            tag.history().stream().map(ServedDigest::digest).forEach(known::add);
        }
        return new UpstreamCheck.Question(
                new CheckResult.Asked(generation(), annotation(MirroredImage.CHECK_NOW)),
                spec,
                coverage.toAsk(image.getMetadata().getUid()),
                served(before.tags()).stream().map(MirroredTagStatus::tag).toList(),
                known);
    }

    private static List<MirroredTagStatus> served(List<MirroredTagStatus> tags) {
        return tags.stream().filter(tag -> tag.servedDigest() != null).toList();
    }

    /** @param latest null when no look has ended since the last time */
    Made make(@Nullable CheckResult latest) {
        CheckResult result = latest != null && isOfThisSpec(latest) ? latest : null;
        if (!blocking.isEmpty()) {
            return new Made(before.tags(), List.of(), before.problems(), List.of(), handled(), null, null);
        }
        List<Problem> seen = new ArrayList<>();
        List<String> names = names(result, seen);
        Commands commands = new Commands();
        boolean current = result != null || Objects.equals(before.observedGeneration(), generation());
        Promotion promotion = new Promotion(spec, current, now);
        Promotion.Outcome outcome = promotion.of(
                names,
                before.tags(),
                result == null ? Promotion.Found.NOTHING : result.found(),
                commands.toFollow(names));
        List<News> news = new ArrayList<>();
        outcome.news().forEach(each -> news.add(new News(typeOf(each), each.reason(), each.note())));
        String refused = commands.refused(outcome.problems());
        if (refused != null && !refused.equals(handled().problem())) {
            news.add(new News(EventRecorder.Type.Warning, "CommandRefused", refused));
        }
        outcome.problems().stream()
                .filter(problem -> !problem.field().startsWith("annotation"))
                .forEach(seen::add);
        List<Problem> problems = refused == null ? List.of() : List.of(new Problem("metadata.annotations", refused));
        return new Made(
                outcome.tags(),
                problems,
                found(result, seen),
                news,
                commands.after(refused),
                result,
                promotion.soakedAt(outcome.tags()));
    }

    private static EventRecorder.Type typeOf(Promotion.News news) {
        return news.reason().equals(Signatures.REFUSED) ? EventRecorder.Type.Warning : EventRecorder.Type.Normal;
    }

    /** What a look finds wrong is found anew only by the next one. */
    private List<String> found(@Nullable CheckResult result, List<Problem> seen) {
        return result == null || (result.failure() != null && result.tags().isEmpty())
                ? before.problems()
                : seen.stream().map(Problem::toString).limit(EXAMPLES).toList();
    }

    /** The tags to decide about: those chosen now, or as before while nothing is known anew. */
    private List<String> names(@Nullable CheckResult result, List<Problem> problems) {
        List<String> known = before.tags().stream().map(MirroredTagStatus::tag).toList();
        if (result == null || (result.failure() != null && result.tags().isEmpty())) {
            return withPins(known);
        }
        if (result.tags().isEmpty()) {
            problems.add(new Problem(
                    "spec.tags", "no tag of the repository passes: status.leftOut says why; widen the rules"));
        }
        Map<String, String> claimed = Claims.of(image, all.get(), result.tags());
        claimed.entrySet().stream()
                .limit(EXAMPLES)
                .forEach(claim -> problems.add(new Problem(
                        "spec.tags",
                        "tag " + claim.getKey() + " is of the older MirroredImage " + claim.getValue()
                                + ": exclude it in one of them")));
        return result.tags().stream().filter(tag -> !claimed.containsKey(tag)).toList();
    }

    private List<String> withPins(List<String> known) {
        Set<String> names = new LinkedHashSet<>(known);
        spec.pins().stream().map(PinSpec::tag).forEach(names::add);
        return List.copyOf(names);
    }

    /** The annotations that ask for something once. */
    private final class Commands {
        private final @Nullable String promote = annotation(MirroredImage.PROMOTE);
        private final @Nullable String rollback = annotation(MirroredImage.ROLLBACK_TO);
        private final List<Problem> malformed;
        private final @Nullable Command newPromote;
        private final @Nullable Command newRollback;
        private boolean followed;

        Commands() {
            this.malformed = new ArrayList<>();
            newPromote = isNew(promote, handled().promote()) ? parsed(promote, Command::promote) : null;
            newRollback = isNew(rollback, handled().rollbackTo()) ? parsed(rollback, Command::rollback) : null;
        }

        private static boolean isNew(@Nullable String value, @Nullable String old) {
            return value != null && !value.equals(old);
        }

        private @Nullable Command parsed(@Nullable String value, Function<String, Command> parse) {
            try {
                return parse.apply(String.valueOf(value));
            } catch (IllegalArgumentException e) {
                malformed.add(new Problem("annotation", String.valueOf(e.getMessage())));
                return null;
            }
        }

        /** Nothing before the tags are known, nor in a dry run. */
        Promotion.Commands toFollow(List<String> names) {
            followed = !names.isEmpty() && !spec.dryRun();
            return followed ? new Promotion.Commands(newPromote, newRollback) : Promotion.Commands.NONE;
        }

        /** Why a command cannot be followed, for as long as it stands there. */
        @Nullable
        String refused(List<Problem> outcome) {
            List<Problem> now = new ArrayList<>(malformed);
            outcome.stream()
                    .filter(problem -> problem.field().startsWith("annotation"))
                    .forEach(now::add);
            if (!now.isEmpty()) {
                return now.getFirst().toString();
            }
            boolean same = Objects.equals(promote, handled().promote())
                    && Objects.equals(rollback, handled().rollbackTo())
                    && (promote != null || rollback != null);
            return same ? handled().problem() : null;
        }

        HandledStatus after(@Nullable String refused) {
            HandledStatus old = handled();
            boolean done = followed || !malformed.isEmpty();
            return new HandledStatus(
                    annotation(MirroredImage.CHECK_NOW) == null ? null : old.checkNow(),
                    promote == null ? null : done ? promote : old.promote(),
                    rollback == null ? null : done ? rollback : old.rollbackTo(),
                    refused);
        }
    }

    /** What has been decided. */
    final class Made {
        private final List<MirroredTagStatus> tags;
        private final List<Problem> problems;
        private final List<String> found;
        private final List<News> news;
        private final HandledStatus handled;
        private final @Nullable CheckResult result;
        private final @Nullable Instant soakedAt;

        private Made(
                List<MirroredTagStatus> tags,
                List<Problem> problems,
                List<String> found,
                List<News> news,
                HandledStatus handled,
                @Nullable CheckResult result,
                @Nullable Instant soakedAt) {
            this.tags = tags;
            this.problems = problems;
            this.found = found;
            this.news = news;
            this.handled = handled;
            this.result = result;
            this.soakedAt = soakedAt;
        }

        List<MirroredTagStatus> tags() {
            return tags;
        }

        List<News> news() {
            return news;
        }

        TagTable.Part part() {
            return TagTable.Part.of(image, tags, Boolean.TRUE.equals(open()));
        }

        private @Nullable Boolean open() {
            return (result == null || result.open() == null) ? before.open() : result.open();
        }

        private @Nullable Instant nextCheck() {
            if (!blocking.isEmpty()) {
                return null;
            }
            if (result == null) {
                return before.nextCheck() == null ? null : Instant.parse(before.nextCheck());
            }
            Instant next =
                    Schedule.of(spec.schedule(), image.getMetadata().getUid()).after(now);
            CheckResult.Failure failure = result.failure();
            if (failure == null) {
                return next;
            }
            Instant soon =
                    now.plus(failure.reason().equals(UpstreamCheck.NO_NODE_CACHE) ? WITHOUT_NODES : AFTER_FAILURE);
            return soon.isBefore(next) ? soon : next;
        }

        MirrorStatus.Known known(
                Readiness readiness, TableFile.Place place, List<Problem> ofNodes, Copies.Step copied) {
            List<Problem> all = new ArrayList<>(problems);
            all.addAll(ofNodes);
            if (place.leftOut()) {
                all.add(new Problem(
                        "spec.tags", "the table of mirrored tags is full: choose fewer, or shorten spec.history.keep"));
            }
            return new MirrorStatus.Known(
                    result == null && blocking.isEmpty() ? before.observedGeneration() : Long.valueOf(generation()),
                    blocking,
                    all,
                    copied,
                    leftOut(),
                    found,
                    failure(),
                    result != null
                            ? result.at()
                            : before.lastCheck() == null ? null : Instant.parse(before.lastCheck()),
                    nextCheck(),
                    open(),
                    withCheckNow(),
                    readiness,
                    now);
        }

        private HandledStatus withCheckNow() {
            return result == null
                    ? handled
                    : new HandledStatus(
                            result.asked().checkNow(), handled.promote(), handled.rollbackTo(), handled.problem());
        }

        private CheckResult.@Nullable Failure failure() {
            if (result != null) {
                return result.failure();
            }
            return before.conditions().stream()
                    .filter(old ->
                            old.type().equals("Checked") && old.status().name().equals("False"))
                    .filter(old -> !old.reason().equals("CannotCheck"))
                    .findFirst()
                    .map(old -> new CheckResult.Failure(old.reason(), old.message()))
                    .orElse(null);
        }

        private @Nullable LeftOutStatus leftOut() {
            if (result == null || (result.failure() != null && result.tags().isEmpty())) {
                return before.leftOut();
            }
            return result.leftOut().isEmpty()
                    ? null
                    : new LeftOutStatus(
                            result.leftOut().size(),
                            result.leftOut().stream().limit(EXAMPLES).toList());
        }

        /** When something is due by itself; a look that is due, or runs, when its turn comes, unless that is zero. */
        Duration lookAgainAfter(Readiness readiness, Duration turn) {
            Instant next = now.plus(Duration.ofMinutes(10));
            Instant check = turn.isZero() ? nextCheck() : now.plus(turn);
            if (check != null && check.isBefore(next)) {
                next = check;
            }
            if (soakedAt != null && soakedAt.isBefore(next)) {
                next = soakedAt;
            }
            if (!readiness.complete()) {
                Instant changed = tags.stream()
                        .map(MirroredTagStatus::since)
                        .filter(Objects::nonNull)
                        .map(Instant::parse)
                        .max(Instant::compareTo)
                        .orElse(now);
                Instant nodes = now.plus(MirroredImageReconciler.nodesAgain(Duration.between(changed, now)));
                next = nodes.isBefore(next) ? nodes : next;
            }
            Duration wait = Duration.between(now, next);
            return wait.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : wait;
        }
    }
}
