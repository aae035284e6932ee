package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.LeftOutTag;
import dev.larder.crds.v1alpha1.MirroredImageStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one look at an upstream has brought.
 *
 * @param asked what it is the answer to
 * @param tags those chosen; empty together with a failure that left nothing to choose from
 * @param failure why it is not whole; null when it is
 * @param open whether the upstream gave something to nobody in particular; null when it is not known
 */
record CheckResult(
        Asked asked,
        Instant at,
        List<String> tags,
        List<LeftOutTag> leftOut,
        Promotion.Found found,
        @Nullable Failure failure,
        @Nullable Boolean open) {

    CheckResult {
        tags = List.copyOf(tags);
        leftOut = List.copyOf(leftOut);
    }

    /**
     * What was asked for when the look began: what is asked for since needs another.
     *
     * @param generation of the spec
     * @param checkNow the annotation's value, null when there was none
     */
    record Asked(long generation, @Nullable String checkNow) {}

    /** @param reason one word, for a condition */
    record Failure(String reason, String message) {}

    /** Whether the status has come of this result, or of a later one. */
    boolean isIn(MirroredImageStatus status) {
        String last = status.lastCheck();
        return last != null && !Instant.parse(last).isBefore(at.truncatedTo(ChronoUnit.SECONDS));
    }

    /** Nothing could be asked. */
    static CheckResult failed(Asked asked, Instant at, String reason, String message) {
        return new CheckResult(
                asked,
                at,
                List.of(),
                List.of(),
                Promotion.Found.NOTHING,
                new Failure(reason, message),
                reason.equals(UpstreamCheck.REFUSED) ? Boolean.FALSE : null);
    }
}
