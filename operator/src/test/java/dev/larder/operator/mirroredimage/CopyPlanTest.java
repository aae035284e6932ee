package dev.larder.operator.mirroredimage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.CopyTagStatus;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.crds.v1alpha1.ServedDigest;
import dev.larder.crds.v1alpha1.TagCopyStatus;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CopyPlanTest {

    private static final String AT = "2026-11-23T00:00:00Z";

    private static MirroredTagStatus served(String tag, String digest, String since, ServedDigest... history) {
        return MirroredTagStatus.of(tag).withServed(digest, since, "Promoted", List.of(history));
    }

    private static ServedDigest old(String digest, @Nullable String datedTag) {
        return new ServedDigest(digest, "2026-11-20T00:00:00Z", "2026-11-22T00:00:00Z", "Promoted", datedTag);
    }

    private static TagCopyStatus copy(String digest, @Nullable String datedTag) {
        return new TagCopyStatus(digest, AT, datedTag);
    }

    private static List<CopyPlan.Copy> copies(MirroredTagStatus... tags) {
        return new CopyPlan(List.of(tags), ZoneOffset.UTC).copies(true, List.of());
    }

    @Test
    void whatIsServedAndNotCopied_getsItsTagAndOneWithTheDate() {
        assertThat(copies(
                        served("1.27", "a", "2026-11-22T23:30:00Z"),
                        served("1.28", "b", "2026-11-22T00:00:00Z").withCopy(copy("b", null)),
                        MirroredTagStatus.of("1.29")))
                .containsExactly(new CopyPlan.Copy("1.27", "a", "1.27-20261122", null));
    }

    @Test
    void date_isThatOfTheSchedulesZone() {
        CopyPlan plan = new CopyPlan(List.of(served("1", "a", "2026-11-22T23:30:00Z")), ZoneId.of("Europe/Berlin"));
        assertThat(plan.copies(true, List.of()))
                .extracting(CopyPlan.Copy::datedTag)
                .containsExactly("1-20261123");
    }

    @Test
    void secondOfADay_hasTheMinuteToo_andWhatWasCopiedBeforeIsThePrevious() {
        MirroredTagStatus tag =
                served("1", "b", "2026-11-22T10:05:00Z", old("a", "1-20261122")).withCopy(copy("a", "1-20261122"));
        assertThat(copies(tag)).containsExactly(new CopyPlan.Copy("1", "b", "1-20261122-1005", "a"));
    }

    @Test
    void wayBackOnTheSameDay_usesTheTagThatMeansItAlready() {
        MirroredTagStatus tag = served(
                        "1", "a", "2026-11-22T12:00:00Z", old("b", "1-20261122-1005"), old("a", "1-20261122"))
                .withCopy(copy("b", "1-20261122-1005"));
        assertThat(copies(tag)).containsExactly(new CopyPlan.Copy("1", "a", "1-20261122", "b"));
    }

    @Test
    void datedTagThatIsLeaving_doesNotComeToMeanSomethingElse() {
        MirroredTagStatus tag = served("1", "c", "2026-11-22T10:05:07Z", old("b", "1-20261122-1005"));
        List<CopyTagStatus> leaving = List.of(new CopyTagStatus("1-20261122", "a"));
        assertThat(new CopyPlan(List.of(tag), ZoneOffset.UTC).copies(true, leaving))
                .extracting(CopyPlan.Copy::datedTag)
                .containsExactly("1-20261122-100507");
    }

    @Test
    void datedTag_neverIsAMirroredTag_andATooLongOneIsNone() {
        assertThat(copies(
                        served("1", "a", "2026-11-22T10:05:00Z"),
                        served("1-20261122", "c", "2026-11-01T00:00:00Z").withCopy(copy("c", null))))
                .containsExactly(new CopyPlan.Copy("1", "a", "1-20261122-1005", null));
        assertThat(copies(served("x".repeat(125), "a", "2026-11-22T10:05:00Z")))
                .extracting(CopyPlan.Copy::datedTag)
                .containsExactly((String) null);
    }

    @Test
    void withoutDatedTags_onlyTheTagItself() {
        CopyPlan plan = new CopyPlan(
                List.of(served("1", "b", "2026-11-22T10:05:00Z", old("a", null)).withCopy(copy("a", null))),
                ZoneOffset.UTC);
        assertThat(plan.copies(false, List.of())).containsExactly(new CopyPlan.Copy("1", "b", null, null));
    }

    @Test
    void datedTag_leavesWithItsDigest_unlessTheTagIsMirroredNoMore() {
        MirroredTagStatus before = served("1", "c", "2026-11-23T00:00:00Z", old("b", "1-b"), old("a", "1-a"))
                .withCopy(copy("c", "1-c"));
        MirroredTagStatus after =
                served("1", "c", "2026-11-23T00:00:00Z", old("b", "1-b")).withCopy(copy("c", "1-c"));
        MirroredTagStatus other = served("2", "d", AT, old("e", "2-e"));
        assertThat(new CopyPlan(List.of(after), ZoneOffset.UTC).leaving(List.of(before, other)))
                .containsExactly(new CopyTagStatus("1-a", "a"));
    }

    @Test
    void datedTagOfWhatIsServed_staysWhenThatBecomesHistory() {
        MirroredTagStatus before = served("1", "a", "2026-11-22T00:00:00Z").withCopy(copy("a", "1-a"));
        MirroredTagStatus after = served("1", "b", AT, old("a", "1-a")).withCopy(copy("a", "1-a"));
        assertThat(new CopyPlan(List.of(after), ZoneOffset.UTC).leaving(List.of(before)))
                .isEmpty();
    }

    @Test
    void digestThatAnotherTagMeans_isWanted() {
        CopyPlan plan = new CopyPlan(List.of(served("1", "a", AT, old("b", "1-b"))), ZoneOffset.UTC);
        assertThat(plan.wants("a")).isTrue();
        assertThat(plan.wants("b")).isTrue();
        assertThat(plan.wants("c")).isFalse();
    }

    @Test
    void copyThatEndsWhenItsDigestIsHistory_isRememberedThere() {
        MirroredTagStatus now = served("1", "b", AT, old("a", null));
        List<MirroredTagStatus> after =
                CopyPlan.with(List.of(now), List.of(new CopyPlan.Copy("1", "a", "1-a", null)), AT);
        assertThat(after.getFirst().history())
                .extracting(ServedDigest::datedTag)
                .containsExactly("1-a");
        assertThat(after.getFirst().copy()).isEqualTo(copy("a", "1-a"));
        assertThat(new CopyPlan(after, ZoneOffset.UTC).copies(true, List.of()))
                .extracting(CopyPlan.Copy::digest)
                .containsExactly("b");
    }
}
