package dev.larder.operator.mirroredimage;

import static dev.larder.operator.mirroredimage.Specs.digest;
import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.MirroredImageSpec;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.crds.v1alpha1.ServedDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** One tag's way through finds, soaks, pins, promotions and rollbacks. */
class PromotionTest {

    private static final String TAG = "1.27";
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");

    private Instant now = START;
    private MirroredImageSpec spec = Specs.spec("");
    private List<MirroredTagStatus> tags = List.of();
    private Promotion.Outcome last = new Promotion.Outcome(List.of(), List.of(), List.of());

    private MirroredTagStatus after(Promotion.Found found, Promotion.Commands commands) {
        last = new Promotion(spec, true, now).of(List.of(TAG), tags, found, commands);
        tags = last.tags();
        return tags.getFirst();
    }

    private MirroredTagStatus found(Sight sight) {
        return after(new Promotion.Found(Map.of(TAG, sight), Map.of(), Map.of()), Promotion.Commands.NONE);
    }

    private MirroredTagStatus found(int digest) {
        return found(new Sight.Is(digest(digest)));
    }

    private MirroredTagStatus again() {
        return after(Promotion.Found.NOTHING, Promotion.Commands.NONE);
    }

    private MirroredTagStatus promote(String value) {
        return after(Promotion.Found.NOTHING, new Promotion.Commands(Command.promote(value), null));
    }

    private MirroredTagStatus rollBack(String value) {
        return after(Promotion.Found.NOTHING, new Promotion.Commands(null, Command.rollback(value)));
    }

    private void later(Duration time) {
        now = now.plus(time);
    }

    @Test
    void automatic_servesWhatIsFound_andRemembersWhatWas() {
        assertThat(found(1).servedDigest()).isEqualTo(digest(1));
        later(Duration.ofDays(1));
        MirroredTagStatus tag = found(2);
        assertThat(tag.servedDigest()).isEqualTo(digest(2));
        assertThat(tag.since()).isEqualTo("2026-11-02T00:00:00Z");
        assertThat(tag.history())
                .containsExactly(
                        new ServedDigest(digest(1), "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "Promoted", null));
        assertThat(last.news()).extracting(Promotion.News::reason).containsExactly("Found", "Promoted");
        assertThat(found(2)).isEqualTo(tag);
        assertThat(last.news()).isEmpty();
    }

    @Test
    void soak_waits_fromWhenTheUpstreamFirstSaidSo() {
        spec = Specs.spec("promotion: {soak: 24h}");
        assertThat(found(1).servedDigest()).isEqualTo(digest(1));
        later(Duration.ofHours(1));
        MirroredTagStatus waiting = found(2);
        assertThat(waiting.servedDigest()).isEqualTo(digest(1));
        assertThat(waiting.waiting()).isEqualTo("soaks until 2026-11-02T01:00:00Z");
        assertThat(new Promotion(spec, true, now).soakedAt(tags)).isEqualTo(Instant.parse("2026-11-02T01:00:00Z"));
        later(Duration.ofHours(23));
        assertThat(found(2).servedDigest()).isEqualTo(digest(1));
        assertThat(found(3).waiting()).isEqualTo("soaks until 2026-11-03T00:00:00Z");
        later(Duration.ofHours(24));
        assertThat(again().servedDigest()).isEqualTo(digest(3));
    }

    @Test
    void manual_servesOnlyWhatIsPromoted() {
        spec = Specs.spec("promotion: {mode: Manual}");
        MirroredTagStatus tag = found(1);
        assertThat(tag.servedDigest()).isNull();
        assertThat(tag.waiting()).contains("larder.dev/promote: 1.27");
        assertThat(promote(TAG).servedDigest()).isEqualTo(digest(1));
        assertThat(found(2).servedDigest()).isEqualTo(digest(1));
        assertThat(promote(TAG + "=" + digest(3)).servedDigest()).isEqualTo(digest(1));
        assertThat(last.problems()).singleElement().asString().contains("annotation larder.dev/promote", digest(2));
        assertThat(promote("*").servedDigest()).isEqualTo(digest(2));
    }

    @Test
    void upstreamThatIsDownOrHasDeletedIt_changesNothing() {
        found(1);
        assertThat(found(new Sight.Unknown("down")).servedDigest()).isEqualTo(digest(1));
        MirroredTagStatus gone = found(new Sight.Gone());
        assertThat(gone.servedDigest()).isEqualTo(digest(1));
        assertThat(gone.upstreamDigest()).isNull();
        assertThat(gone.waiting()).contains("no more");
    }

    @Test
    void hold_stopsPromotion_butNotTheWayBack() {
        found(1);
        later(Duration.ofDays(1));
        found(2);
        spec = Specs.spec("hold: true");
        assertThat(found(3).waiting()).isEqualTo("spec.hold is true");
        assertThat(rollBack(TAG + "=previous").servedDigest()).isEqualTo(digest(1));
    }

    @Test
    void rollback_goesOneBack_andIsNotUndoneByItself() {
        found(1);
        later(Duration.ofDays(1));
        found(2);
        later(Duration.ofDays(1));
        MirroredTagStatus back = rollBack(TAG + "=previous");
        assertThat(back.servedDigest()).isEqualTo(digest(1));
        assertThat(back.reason()).isEqualTo("RolledBack");
        assertThat(back.history().getFirst())
                .isEqualTo(new ServedDigest(
                        digest(2), "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", "RolledBack", null));
        assertThat(found(2).servedDigest()).isEqualTo(digest(1));
        assertThat(tags.getFirst().waiting()).contains("rolled back from");
        assertThat(found(3).servedDigest()).isEqualTo(digest(3));
        assertThat(rollBack(TAG + "=" + digest(2)).servedDigest()).isEqualTo(digest(2));
        assertThat(rollBack(TAG + "=" + digest(9)).servedDigest()).isEqualTo(digest(2));
        assertThat(last.problems()).singleElement().asString().contains("not in the history", "spec.pins");
    }

    @Test
    void rolledBackDigest_isServedAgainWhenItIsPromotedByHand() {
        found(1);
        found(2);
        rollBack(TAG + "=previous");
        assertThat(promote(TAG).servedDigest()).isEqualTo(digest(2));
    }

    @Test
    void rollback_withoutAPast_saysSo() {
        found(1);
        assertThat(rollBack(TAG + "=previous").servedDigest()).isEqualTo(digest(1));
        assertThat(last.problems()).singleElement().asString().contains("nothing was served");
    }

    @Test
    void pin_winsOverEverything_onceItsDigestIsKnown() {
        found(1);
        spec = Specs.spec("pins: [{tag: \"1.27\", digest: \"" + digest(7) + "\"}]");
        assertThat(again().servedDigest()).isEqualTo(digest(1));
        MirroredTagStatus missing =
                after(new Promotion.Found(Map.of(), Map.of(TAG, new Sight.Gone()), Map.of()), Promotion.Commands.NONE);
        assertThat(missing.servedDigest()).isEqualTo(digest(1));
        assertThat(last.problems())
                .singleElement()
                .asString()
                .contains("spec.pins[1.27].digest", "not in the repository");
        MirroredTagStatus pinned = after(
                new Promotion.Found(
                        Map.of(TAG, new Sight.Is(digest(2))), Map.of(TAG, new Sight.Is(digest(7))), Map.of()),
                Promotion.Commands.NONE);
        assertThat(pinned.servedDigest()).isEqualTo(digest(7));
        assertThat(pinned.reason()).isEqualTo("Pinned");
        spec = Specs.spec("");
        assertThat(again().servedDigest()).isEqualTo(digest(2));
    }

    @Test
    void history_isBounded_byCountAndAge() {
        spec = Specs.spec("history: {keep: 2, maxAge: 10d}");
        for (int n = 1; n <= 5; n++) {
            found(n);
            later(Duration.ofDays(1));
        }
        assertThat(tags.getFirst().history()).extracting(ServedDigest::digest).containsExactly(digest(4), digest(3));
        later(Duration.ofDays(20));
        assertThat(again().history()).isEmpty();
        assertThat(tags.getFirst().servedDigest()).isEqualTo(digest(5));
    }

    @Test
    void dryRun_saysWhatWouldBe() {
        spec = Specs.spec("dryRun: true");
        MirroredTagStatus tag = found(1);
        assertThat(tag.servedDigest()).isNull();
        assertThat(tag.waiting()).isEqualTo("dry run: would be Promoted");
    }

    @Test
    void commandForATagThatIsNotMirrored_saysSo() {
        found(1);
        promote("2.0");
        assertThat(last.problems()).singleElement().asString().contains("tag 2.0", "status.tags");
    }
}
