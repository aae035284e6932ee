package dev.larder.operator.mirroredimage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.crds.v1alpha1.ServedDigest;
import dev.larder.crds.v1alpha1.SignatureStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SignaturesTest {

    private static final Instant NOW = Instant.parse("2026-11-26T00:00:00Z");
    private static final String VERIFY = "verify: {cosign: {publicKeys: [\"-----BEGIN PUBLIC KEY-----\"]}}\n";
    private static final MirroredTagStatus NEW = MirroredTagStatus.of("1");

    private static Promotion.Outcome of(
            String spec, boolean current, MirroredTagStatus before, String found, Map<String, String> verdicts) {
        return new Promotion(Specs.spec(spec), current, NOW)
                .of(
                        List.of("1"),
                        List.of(before),
                        new Promotion.Found(Map.of("1", new Sight.Is(found)), Map.of(), verdicts),
                        Promotion.Commands.NONE);
    }

    private static MirroredTagStatus tag(
            String spec, boolean current, MirroredTagStatus before, String found, Map<String, String> verdicts) {
        return of(spec, current, before, found, verdicts).tags().getFirst();
    }

    private static MirroredTagStatus serving(String digest) {
        return NEW.withServed(digest, "2026-11-01T00:00:00Z", "Promoted", List.of());
    }

    @Test
    void signedDigest_isServed() {
        MirroredTagStatus tag = tag(VERIFY, true, NEW, "a", Map.of("a", ""));
        assertThat(tag.servedDigest()).isEqualTo("a");
        assertThat(tag.signature()).isEqualTo(new SignatureStatus("a", null));
    }

    @Test
    void refusedDigest_isNot_andWhatWasServedStays_withOneEvent() {
        Promotion.Outcome outcome = of(VERIFY, true, serving("a"), "b", Map.of("b", "it has no signature"));
        MirroredTagStatus tag = outcome.tags().getFirst();
        assertThat(tag.servedDigest()).isEqualTo("a");
        assertThat(tag.waiting()).isEqualTo("refused by spec.verify: it has no signature");
        assertThat(outcome.news()).extracting(Promotion.News::reason).containsExactly("Found", Signatures.REFUSED);
        assertThat(of(VERIFY, true, tag, "b", Map.of("b", "it has no signature"))
                        .news())
                .isEmpty();
    }

    @Test
    void signatureThatComesLater_counts() {
        MirroredTagStatus refused = tag(VERIFY, true, serving("a"), "b", Map.of("b", "it has no signature"));
        assertThat(tag(VERIFY, true, refused, "b", Map.of("b", "")).servedDigest())
                .isEqualTo("b");
    }

    @Test
    void whatCouldNotBeLookedAt_waits() {
        MirroredTagStatus tag = tag(VERIFY, true, serving("a"), "b", Map.of());
        assertThat(tag.servedDigest()).isEqualTo("a");
        assertThat(tag.waiting()).contains("not been looked at");
    }

    @Test
    void verdictOfAnEarlierSpec_doesNotCount() {
        MirroredTagStatus soaking = tag(VERIFY + "promotion: {soak: 1h}", true, serving("a"), "b", Map.of("b", ""));
        assertThat(soaking.servedDigest()).isEqualTo("a");
        assertThat(tag(VERIFY, false, soaking, "b", Map.of()).servedDigest()).isEqualTo("a");
        assertThat(tag(VERIFY, true, soaking, "b", Map.of()).servedDigest()).isEqualTo("b");
    }

    @Test
    void whatWasServedBefore_mayBeAgain() {
        MirroredTagStatus before = NEW.withServed(
                "b",
                "2026-11-02T00:00:00Z",
                "Promoted",
                List.of(new ServedDigest("a", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "Promoted", null)));
        assertThat(tag(VERIFY, true, before, "a", Map.of()).servedDigest()).isEqualTo("a");
    }

    @Test
    void inModeManual_aRefusalIsSaidBeforeAnybodyPromotes() {
        String manual = VERIFY + "promotion: {mode: Manual}";
        assertThat(tag(manual, true, serving("a"), "b", Map.of("b", "none")).waiting())
                .contains("refused by spec.verify");
        assertThat(tag(manual, true, serving("a"), "b", Map.of("b", "")).waiting())
                .contains("larder.dev/promote");
    }

    @Test
    void withoutVerify_nothingIsAskedFor() {
        MirroredTagStatus tag = tag("", true, NEW.withSignature(new SignatureStatus("x", "old")), "a", Map.of());
        assertThat(tag.servedDigest()).isEqualTo("a");
        assertThat(tag.signature()).isNull();
    }
}
