package dev.larder.operator.mirroredimage;

import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.crds.v1alpha1.ServedDigest;
import dev.larder.crds.v1alpha1.SignatureStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether a digest may be served as far as signatures go: pure. What was served before, by any tag, may be again. */
final class Signatures {

    static final String REFUSED = "SignatureRefused";

    private final boolean asked;
    private final boolean current;
    private final Set<String> servedBefore;

    /**
     * What has come of it.
     *
     * @param refusal why the digest must not be served
     */
    record Judged(MirroredTagStatus tag, Optional<String> refusal, Optional<Promotion.News> news) {}

    /**
     * @param asked whether the spec asks for signatures
     * @param current whether what is known of them is about this spec
     */
    Signatures(boolean asked, boolean current, List<MirroredTagStatus> before) {
        this.asked = asked;
        this.current = current;
        this.servedBefore = before.stream()
                .flatMap(tag -> Stream.concat(
                        Stream.ofNullable(tag.servedDigest()),
                        tag.history().stream().map(ServedDigest::digest)))
                .collect(Collectors.toSet());
    }

    /**
     * @param wanted what is to be served; null for no change
     * @param verdicts by digest, as found now: why one is refused, or nothing
     */
    Judged judge(MirroredTagStatus tag, @Nullable String wanted, Map<String, String> verdicts) {
        if (!asked) {
            return new Judged(tag.withSignature(null), Optional.empty(), Optional.empty());
        }
        MirroredTagStatus known = learned(tag, wanted, verdicts);
        Optional<Promotion.News> news = refusedNews(tag, known);
        // With nothing to be served, what waits is what the upstream has.
        String next = wanted == null ? tag.upstreamDigest() : wanted;
        if (next == null || next.equals(tag.servedDigest()) || servedBefore.contains(next)) {
            return new Judged(known, Optional.empty(), news);
        }
        SignatureStatus signature = known.signature();
        if (!current || signature == null || !signature.digest().equals(next)) {
            Optional<String> unknown = Optional.of("its signature has not been looked at yet");
            return new Judged(known, wanted == null ? Optional.empty() : unknown, news);
        }
        Optional<String> refusal =
                Optional.ofNullable(signature.refused()).map(reason -> "refused by spec.verify: " + reason);
        return new Judged(known, refusal, news);
    }

    private static MirroredTagStatus learned(
            MirroredTagStatus tag, @Nullable String wanted, Map<String, String> verdicts) {
        String upstream = tag.upstreamDigest();
        for (String digest : new String[] {wanted == null ? "" : wanted, upstream == null ? "" : upstream}) {
            String verdict = verdicts.get(digest);
            if (verdict != null) {
                return tag.withSignature(new SignatureStatus(digest, verdict.isEmpty() ? null : verdict));
            }
        }
        return tag;
    }

    private static Optional<Promotion.News> refusedNews(MirroredTagStatus before, MirroredTagStatus after) {
        SignatureStatus signature = after.signature();
        if (signature == null || signature.refused() == null || signature.equals(before.signature())) {
            return Optional.empty();
        }
        return Optional.of(new Promotion.News(
                after.tag(),
                REFUSED,
                signature.digest() + " is not served as " + after.tag() + ": " + signature.refused()));
    }
}
