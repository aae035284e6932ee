package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.MirroredImageSpec;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.crds.v1alpha1.PinSpec;
import dev.larder.crds.v1alpha1.PromotionMode;
import dev.larder.crds.v1alpha1.ServedDigest;
import dev.larder.crds.v1alpha1.TagCopyStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is served of each tag, from what was found, what was served before and what is asked for: pure. In this order: a pin,
 * a way back, a promotion by hand, hold, the mode. A digest that was rolled back from is never promoted by itself again.
 */
final class Promotion {

    static final String PROMOTED = "Promoted";
    static final String PINNED = "Pinned";
    static final String ROLLED_BACK = "RolledBack";

    private final MirroredImageSpec spec;
    private final Map<String, String> pins;
    private final Duration soak;
    private final boolean current;
    private final Instant now;

    /**
     * What is new about one tag.
     *
     * @param reason Found, Promoted, Pinned, RolledBack or SignatureRefused
     */
    record News(String tag, String reason, String note) {}

    /**
     * What was found and is asked for.
     *
     * @param sights of tags that were looked at
     * @param pinned of the digests that pins name
     * @param signatures of digests that were verified: why one is refused, or nothing
     */
    record Found(Map<String, Sight> sights, Map<String, Sight> pinned, Map<String, String> signatures) {
        static final Found NOTHING = new Found(Map.of(), Map.of(), Map.of());

        Found {
            sights = Map.copyOf(sights);
            pinned = Map.copyOf(pinned);
            signatures = Map.copyOf(signatures);
        }
    }

    /** A command that has not been acted upon; null when there is none. */
    record Commands(@Nullable Command promote, @Nullable Command rollback) {
        static final Commands NONE = new Commands(null, null);
    }

    record Outcome(List<MirroredTagStatus> tags, List<News> news, List<Problem> problems) {
        Outcome {
            tags = List.copyOf(tags);
            news = List.copyOf(news);
            problems = List.copyOf(problems);
        }
    }

    private record Target(
            @Nullable String digest,
            String reason,
            @Nullable String waiting) {
        static Target stay(@Nullable String waiting) {
            return new Target(null, "", waiting);
        }
    }

    /** @param current whether what is known from before has come of this spec */
    Promotion(MirroredImageSpec spec, boolean current, Instant now) {
        this.spec = spec;
        this.pins = spec.pins().stream().collect(Collectors.toMap(PinSpec::tag, PinSpec::digest, (a, b) -> a));
        this.soak = Durations.parse(spec.promotion().soak());
        this.current = current;
        this.now = now.truncatedTo(ChronoUnit.SECONDS);
    }

    /** @param tags in the order of the outcome */
    Outcome of(List<String> tags, List<MirroredTagStatus> before, Found found, Commands commands) {
        Map<String, MirroredTagStatus> known =
                before.stream().collect(Collectors.toMap(MirroredTagStatus::tag, tag -> tag, (a, b) -> a));
        Signatures signatures = new Signatures(spec.verify() != null, current, before);
        List<MirroredTagStatus> after = new ArrayList<>();
        List<News> news = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (String tag : tags) {
            MirroredTagStatus old = known.getOrDefault(tag, MirroredTagStatus.of(tag));
            MirroredTagStatus seen = look(old, found.sights().get(tag), news);
            Target target = target(seen, found, commands, problems);
            Signatures.Judged judged = signatures.judge(seen, target.digest(), found.signatures());
            judged.news().ifPresent(news::add);
            after.add(served(judged.tag(), judged.refusal().map(Target::stay).orElse(target), news));
        }
        requireKnownTag(commands.promote(), tags, "larder.dev/promote", problems);
        requireKnownTag(commands.rollback(), tags, "larder.dev/rollback-to", problems);
        return new Outcome(after, news, problems);
    }

    /** When something that waits is due by itself; null for never. */
    @Nullable
    Instant soakedAt(List<MirroredTagStatus> tags) {
        if (spec.promotion().mode() != PromotionMode.Automatic || soak.isZero()) {
            return null;
        }
        return tags.stream()
                .filter(tag -> tag.waiting() != null && tag.upstreamSince() != null)
                .map(tag -> Instant.parse(tag.upstreamSince()).plus(soak))
                .filter(at -> at.isAfter(now))
                .min(Instant::compareTo)
                .orElse(null);
    }

    private static void requireKnownTag(
            @Nullable Command command, List<String> tags, String annotation, List<Problem> problems) {
        if (command != null && !command.tag().equals(Command.ALL) && !tags.contains(command.tag())) {
            problems.add(new Problem(
                    "annotation " + annotation,
                    "tag " + command.tag() + " is none of those mirrored: see status.tags"));
        }
    }

    private MirroredTagStatus look(MirroredTagStatus old, @Nullable Sight sight, List<News> news) {
        return switch (sight) {
            case Sight.Is(String digest) -> {
                boolean same = digest.equals(old.upstreamDigest());
                if (!same) {
                    news.add(new News(old.tag(), "Found", "the upstream's " + old.tag() + " is " + digest));
                }
                yield old.withUpstream(digest, same ? old.upstreamSince() : now.toString());
            }
            case Sight.Gone _ -> old.withUpstream(null, null);
            case Sight.Unknown _ -> old;
            case null -> old;
        };
    }

    private Target target(MirroredTagStatus tag, Found found, Commands commands, List<Problem> problems) {
        String pin = pins.get(tag.tag());
        if (pin != null) {
            return pinned(tag, pin, found, problems);
        }
        Command rollback = commands.rollback();
        if (rollback != null && rollback.means(tag.tag())) {
            return back(tag, rollback, problems);
        }
        Command promote = commands.promote();
        if (promote != null && promote.means(tag.tag())) {
            return byHand(tag, promote, problems);
        }
        String upstream = tag.upstreamDigest();
        if (upstream == null) {
            return Target.stay(tag.servedDigest() == null ? null : "the upstream had the tag no more");
        }
        return upstream.equals(tag.servedDigest()) ? Target.stay(null) : byItself(tag, upstream);
    }

    private static Target pinned(MirroredTagStatus tag, String pin, Found found, List<Problem> problems) {
        boolean known = pin.equals(tag.servedDigest())
                || pin.equals(tag.upstreamDigest())
                || wasServed(tag, pin)
                || found.pinned().get(tag.tag()) instanceof Sight.Is;
        if (known) {
            return new Target(pin, PINNED, null);
        }
        if (found.pinned().get(tag.tag()) instanceof Sight.Gone) {
            problems.add(new Problem(
                    "spec.pins[" + tag.tag() + "].digest",
                    pin + " is not in the repository: name a digest of status.tags, or remove the pin"));
        }
        return Target.stay("the pin's digest has not been seen in the repository");
    }

    private static Target back(MirroredTagStatus tag, Command rollback, List<Problem> problems) {
        String field = "annotation larder.dev/rollback-to";
        if (rollback.wanted().equals(Command.PREVIOUS)) {
            if (tag.history().isEmpty()) {
                problems.add(
                        new Problem(field, "nothing was served as " + tag.tag() + " before: pin a digest instead"));
                return Target.stay(tag.waiting());
            }
            return new Target(tag.history().getFirst().digest(), ROLLED_BACK, null);
        }
        if (!wasServed(tag, rollback.wanted()) && !rollback.wanted().equals(tag.servedDigest())) {
            problems.add(new Problem(
                    field,
                    rollback.wanted() + " is not in the history of " + tag.tag() + ": pin it with spec.pins instead"));
            return Target.stay(tag.waiting());
        }
        return new Target(rollback.wanted(), ROLLED_BACK, null);
    }

    private static Target byHand(MirroredTagStatus tag, Command promote, List<Problem> problems) {
        String upstream = tag.upstreamDigest();
        if (upstream == null || !(promote.wanted().isEmpty() || promote.wanted().equals(upstream))) {
            if (!promote.tag().equals(Command.ALL)) {
                problems.add(new Problem(
                        "annotation larder.dev/promote",
                        "the upstream's " + tag.tag() + " is " + upstream + ", not " + promote.wanted()
                                + ": promote that, or pin a digest with spec.pins"));
            }
            return Target.stay(tag.waiting());
        }
        return new Target(upstream, PROMOTED, null);
    }

    private Target byItself(MirroredTagStatus tag, String upstream) {
        if (spec.hold()) {
            return Target.stay("spec.hold is true");
        }
        if (spec.promotion().mode() == PromotionMode.Manual) {
            return Target.stay("promote it with the annotation larder.dev/promote: " + tag.tag());
        }
        boolean rolledBack = tag.history().stream()
                .anyMatch(old -> old.digest().equals(upstream) && old.reason().equals(ROLLED_BACK));
        if (rolledBack) {
            return Target.stay(
                    "it was rolled back from; the annotation larder.dev/promote: " + tag.tag() + " serves it again");
        }
        Instant soaked =
                Instant.parse(Objects.requireNonNull(tag.upstreamSince())).plus(soak);
        if (tag.servedDigest() != null && soaked.isAfter(now)) {
            return Target.stay("soaks until " + soaked);
        }
        return new Target(upstream, PROMOTED, null);
    }

    private static boolean wasServed(MirroredTagStatus tag, String digest) {
        return tag.history().stream().anyMatch(old -> old.digest().equals(digest));
    }

    private MirroredTagStatus served(MirroredTagStatus tag, Target target, List<News> news) {
        String digest = target.digest();
        if (digest != null && spec.dryRun() && !digest.equals(tag.servedDigest())) {
            return tag.withWaiting("dry run: would be " + target.reason(), tag.reason(), tag.history());
        }
        if (digest == null || digest.equals(tag.servedDigest())) {
            String reason = digest == null || tag.reason() == null ? tag.reason() : target.reason();
            return tag.withWaiting(target.waiting(), reason, trimmed(tag.history()));
        }
        List<ServedDigest> history = new ArrayList<>();
        if (tag.servedDigest() != null) {
            history.add(ended(tag, tag.servedDigest(), target.reason()));
        }
        history.addAll(tag.history());
        news.add(new News(
                tag.tag(),
                target.reason(),
                tag.tag() + " is " + digest + (tag.servedDigest() == null ? "" : ", and was " + tag.servedDigest())));
        return tag.withServed(digest, now.toString(), target.reason(), trimmed(history));
    }

    private ServedDigest ended(MirroredTagStatus tag, String digest, String why) {
        TagCopyStatus copy = tag.copy();
        return new ServedDigest(
                digest,
                Objects.requireNonNullElse(tag.since(), now.toString()),
                now.toString(),
                why,
                copy == null || !copy.digest().equals(digest) ? null : copy.datedTag());
    }

    private List<ServedDigest> trimmed(List<ServedDigest> history) {
        Duration most = Durations.parse(spec.history().maxAge());
        return history.stream()
                .filter(old ->
                        most.isZero() || Instant.parse(old.to()).plus(most).isAfter(now))
                .limit(spec.history().keep())
                .toList();
    }
}
