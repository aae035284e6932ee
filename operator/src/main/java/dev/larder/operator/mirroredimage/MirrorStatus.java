package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.ConditionType;
import dev.larder.crds.v1alpha1.HandledStatus;
import dev.larder.crds.v1alpha1.LeftOutStatus;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredImageStatus;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** From what is known to the status: pure. */
final class MirrorStatus {

    private static final int LONGEST = 1000;
    private static final int NAMED = 5;
    private static final int SHORT_DIGEST = "sha256:".length() + 12;

    private final MirroredImage image;
    private final MirroredImageStatus before;
    private final Known known;
    private final List<Condition> conditions = new ArrayList<>();

    /**
     * What the status is made from.
     *
     * @param generation that has been looked at; null when none has
     * @param blocking why nothing can be done: a wrong spec, or no RegistryCache
     * @param problems that leave the rest working
     * @param copied the tags, and how far they are in spec.to.repository
     * @param found what the last look found wrong
     * @param failure of the last look; null when it was whole
     * @param checkedAt the last look
     */
    record Known(
            @Nullable Long generation,
            List<Problem> blocking,
            List<Problem> problems,
            Copies.Step copied,
            @Nullable LeftOutStatus leftOut,
            List<String> found,
            CheckResult.@Nullable Failure failure,
            @Nullable Instant checkedAt,
            @Nullable Instant nextCheck,
            @Nullable Boolean open,
            HandledStatus handled,
            Readiness readiness,
            Instant now) {
        Known {
            blocking = List.copyOf(blocking);
            problems = List.copyOf(problems);
            found = List.copyOf(found);
        }
    }

    private MirrorStatus(MirroredImage image, MirroredImageStatus before, Known known) {
        this.image = image;
        this.before = before;
        this.known = known;
    }

    static MirroredImageStatus of(MirroredImage image, MirroredImageStatus before, Known known) {
        return new MirrorStatus(image, before, known).assemble();
    }

    private MirroredImageStatus assemble() {
        List<MirroredTagStatus> tags = known.copied().tags().stream()
                .map(tag -> tag.withNodesReady(
                        tag.servedDigest() == null
                                ? null
                                : known.readiness().byTag().getOrDefault(tag.tag(), 0)))
                .toList();
        List<MirroredTagStatus> served =
                tags.stream().filter(tag -> tag.servedDigest() != null).toList();
        List<MirroredTagStatus> waiting =
                tags.stream().filter(tag -> tag.waiting() != null).toList();
        ready(served);
        checked();
        promoted(waiting);
        degraded();
        copied();
        return new MirroredImageStatus(
                known.generation(),
                conditions,
                tags,
                known.leftOut(),
                known.found(),
                serving(served),
                served.stream()
                        .map(MirroredTagStatus::since)
                        .filter(Objects::nonNull)
                        .max(Comparator.naturalOrder())
                        .orElse(null),
                summary(waiting),
                known.readiness().whole() + "/" + known.readiness().nodes(),
                text(known.checkedAt()),
                text(known.nextCheck()),
                known.copied().removing(),
                known.open(),
                known.handled().equals(HandledStatus.NONE) ? null : known.handled());
    }

    private void ready(List<MirroredTagStatus> served) {
        Readiness readiness = known.readiness();
        if (!known.blocking().isEmpty()) {
            boolean spec = !known.blocking().getFirst().field().equals("spec.source");
            add(
                    ConditionType.READY,
                    Condition.Status.False,
                    spec ? "InvalidSpec" : "SourceNotCached",
                    list(known.blocking()));
        } else if (served.isEmpty()) {
            boolean asked = known.checkedAt() != null;
            add(
                    ConditionType.READY,
                    Condition.Status.False,
                    asked ? "NothingServed" : "NotChecked",
                    asked
                            ? "nothing has been promoted: the tags are ordinary ones"
                            : "the upstream is being looked at");
        } else if (readiness.nodes() + readiness.others() == 0) {
            add(ConditionType.READY, Condition.Status.False, "NoNodeCache", "no node cache of the registry runs");
        } else if (readiness.nodes() == 0) {
            add(
                    ConditionType.READY,
                    Condition.Status.False,
                    "NoNodeSelected",
                    "spec.to.nodes.selector leaves no node: the tags are answered, and no node keeps the images");
        } else if (!readiness.complete()) {
            String troubles = readiness.troubles().isEmpty() ? "" : ": " + String.join("; ", readiness.troubles());
            add(
                    ConditionType.READY,
                    Condition.Status.False,
                    "Fetching",
                    "all is ready on " + readiness.whole() + " of " + readiness.nodes() + " nodes"
                            + (readiness.others() == 0
                                    ? ""
                                    : ", and answered on " + readiness.answering() + " of " + readiness.others()
                                            + " that do not keep it")
                            + troubles);
        } else {
            add(
                    ConditionType.READY,
                    Condition.Status.True,
                    "Served",
                    served.size() + (served.size() == 1 ? " tag" : " tags") + " on "
                            + (readiness.nodes() + readiness.others()) + " nodes"
                            + (readiness.others() == 0 ? "" : ", kept on " + readiness.nodes()));
        }
    }

    private void checked() {
        CheckResult.Failure failure = known.failure();
        if (!known.blocking().isEmpty()) {
            add(ConditionType.CHECKED, Condition.Status.False, "CannotCheck", list(known.blocking()));
        } else if (failure != null) {
            add(ConditionType.CHECKED, Condition.Status.False, failure.reason(), failure.message());
        } else if (known.checkedAt() == null) {
            add(ConditionType.CHECKED, Condition.Status.Unknown, "NotChecked", "the upstream is being looked at");
        } else {
            add(ConditionType.CHECKED, Condition.Status.True, "Checked", "the upstream answered");
        }
    }

    private void promoted(List<MirroredTagStatus> waiting) {
        if (waiting.isEmpty()) {
            add(ConditionType.PROMOTED, Condition.Status.True, "NothingWaits", "nothing that was found waits");
        } else {
            add(
                    ConditionType.PROMOTED,
                    Condition.Status.False,
                    "Waiting",
                    waiting.stream()
                            .limit(NAMED)
                            .map(tag -> tag.tag() + ": " + tag.waiting())
                            .collect(Collectors.joining("; ")));
        }
    }

    private void degraded() {
        List<String> wrong = new ArrayList<>(known.found());
        known.problems().forEach(problem -> wrong.add(problem.toString()));
        if (wrong.isEmpty()) {
            add(ConditionType.DEGRADED, Condition.Status.False, "NoProblem", "all that is asked for can be done");
        } else {
            String message = wrong.stream().limit(NAMED).collect(Collectors.joining("; "));
            add(ConditionType.DEGRADED, Condition.Status.True, "Problems", message);
        }
    }

    private void copied() {
        Copies.Told told = known.copied().told();
        if (told != null) {
            add(ConditionType.COPIED, told.status(), told.reason(), told.message());
        }
    }

    private static String list(List<Problem> problems) {
        return problems.stream().limit(NAMED).map(Problem::toString).collect(Collectors.joining("; "));
    }

    private void add(String type, Condition.Status status, String reason, String message) {
        String since = before.conditions().stream()
                .filter(old -> old.type().equals(type) && old.status() == status)
                .map(Condition::lastTransitionTime)
                .findFirst()
                .orElseGet(() -> text(known.now()));
        conditions.add(new Condition(
                type,
                status,
                image.getMetadata().getGeneration(),
                Objects.requireNonNull(since),
                reason,
                message.length() <= LONGEST ? message : message.substring(0, LONGEST - 1) + "…"));
    }

    private static @Nullable String serving(List<MirroredTagStatus> served) {
        return switch (served.size()) {
            case 0 -> null;
            case 1 -> {
                MirroredTagStatus only = served.getFirst();
                yield only.tag() + "@" + shortened(String.valueOf(only.servedDigest()));
            }
            default -> served.size() + " tags";
        };
    }

    private static String shortened(String digest) {
        return digest.length() <= SHORT_DIGEST ? digest : digest.substring(0, SHORT_DIGEST);
    }

    private static @Nullable String summary(List<MirroredTagStatus> waiting) {
        return switch (waiting.size()) {
            case 0 -> null;
            case 1 -> waiting.getFirst().tag();
            default -> waiting.size() + " tags";
        };
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
