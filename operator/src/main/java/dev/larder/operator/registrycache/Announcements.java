package dev.larder.operator.registrycache;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.ConditionType;
import dev.larder.crds.v1alpha1.RegistryCacheStatus;
import dev.larder.operator.events.EventRecorder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Which Events a change of status is worth: pure. */
final class Announcements {

    /** Conditions whose being True is bad news. */
    private static final Set<String> BAD_WHEN_TRUE =
            Set.of(ConditionType.DEGRADED, ConditionType.CONFLICT, ConditionType.INSECURE_UPSTREAM);
    /** Reasons that only say that something takes its time. */
    private static final Set<String> PASSING = Set.of("Progressing", "RollingOut", "Settled", "Waiting", "NoConflict");

    private Announcements() {}

    record Announcement(EventRecorder.Type type, String reason, String note) {}

    static List<Announcement> between(RegistryCacheStatus before, RegistryCacheStatus after) {
        List<Announcement> announcements = new ArrayList<>();
        if (after.configRevision() != null && !Objects.equals(before.configRevision(), after.configRevision())) {
            announcements.add(new Announcement(
                    EventRecorder.Type.Normal,
                    "ConfigRendered",
                    "the nodes are given configuration " + after.configRevision()));
        }
        for (Condition condition : after.conditions()) {
            Condition earlier = before.conditions().stream()
                    .filter(old -> old.type().equals(condition.type()))
                    .findFirst()
                    .orElse(null);
            boolean changed = earlier == null
                    || earlier.status() != condition.status()
                    || !earlier.reason().equals(condition.reason());
            if (changed && worthSaying(condition, earlier != null)) {
                announcements.add(new Announcement(
                        good(condition) ? EventRecorder.Type.Normal : EventRecorder.Type.Warning,
                        condition.type().equals(ConditionType.READY) && good(condition)
                                ? ConditionType.READY
                                : condition.type() + condition.reason(),
                        condition.message()));
            }
        }
        return announcements;
    }

    private static boolean worthSaying(Condition condition, boolean knownBefore) {
        if (PASSING.contains(condition.reason()) || condition.status() == Condition.Status.Unknown) {
            return false;
        }
        if (condition.type().equals(ConditionType.PROGRESSING)) {
            return false;
        }
        // Good news counts when it ends bad news; of Ready it always counts.
        return !good(condition) || knownBefore || condition.type().equals(ConditionType.READY);
    }

    private static boolean good(Condition condition) {
        boolean isTrue = condition.status() == Condition.Status.True;
        return BAD_WHEN_TRUE.contains(condition.type()) != isTrue;
    }
}
