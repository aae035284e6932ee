package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One tag: what the upstream says, what the nodes say, and what they said before. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record MirroredTagStatus(
        @JsonPropertyDescription("The tag.") @Required @Size(min = 1, max = 128)
        String tag,

        @JsonPropertyDescription("What the upstream said when it was looked at last.") @Nullable
        String upstreamDigest,

        @JsonPropertyDescription("Since when it has been seen to say so.") @Nullable
        String upstreamSince,

        @JsonPropertyDescription("What the nodes answer with. Absent while nothing has been promoted.") @Nullable
        String servedDigest,

        @JsonPropertyDescription("Since when.") @Nullable String since,

        @JsonPropertyDescription("Why: Promoted, Pinned, RolledBack and so on.") @Nullable
        String reason,

        @JsonPropertyDescription("Why upstreamDigest is not what is served, and what would change that.")
        @Size(max = 512)
        @Nullable
        String waiting,

        @JsonPropertyDescription("What was served before, the latest first.") @Size(max = 20)
        List<ServedDigest> history,

        @JsonPropertyDescription("Of what is to be served, with spec.verify.") @Nullable
        SignatureStatus signature,

        @JsonPropertyDescription("What it means in spec.to.repository.") @Nullable
        TagCopyStatus copy,

        @JsonPropertyDescription("On how many nodes the whole image is on the disk and served.") @Nullable
        Integer nodesReady) {

    public MirroredTagStatus {
        history = history == null ? List.of() : List.copyOf(history);
    }

    /** A tag of which nothing is known. */
    public static MirroredTagStatus of(String tag) {
        return new MirroredTagStatus(tag, null, null, null, null, null, null, List.of(), null, null, null);
    }

    /** With what the upstream says, and nothing that waits. */
    public MirroredTagStatus withUpstream(@Nullable String digest, @Nullable String digestSince) {
        return new MirroredTagStatus(
                tag, digest, digestSince, servedDigest, since, reason, null, history, signature, copy, nodesReady);
    }

    /** With something else served, what was served before being history; on no node yet. */
    public MirroredTagStatus withServed(String digest, String servedSince, String why, List<ServedDigest> before) {
        return new MirroredTagStatus(
                tag, upstreamDigest, upstreamSince, digest, servedSince, why, null, before, signature, copy, null);
    }

    /** With the same served; on how many nodes is to be found out anew. */
    public MirroredTagStatus withWaiting(
            @Nullable String why, @Nullable String servedReason, List<ServedDigest> before) {
        return new MirroredTagStatus(
                tag,
                upstreamDigest,
                upstreamSince,
                servedDigest,
                since,
                servedReason,
                why,
                before,
                signature,
                copy,
                null);
    }

    public MirroredTagStatus withHistory(List<ServedDigest> before) {
        return new MirroredTagStatus(
                tag,
                upstreamDigest,
                upstreamSince,
                servedDigest,
                since,
                reason,
                waiting,
                before,
                signature,
                copy,
                nodesReady);
    }

    public MirroredTagStatus withCopy(@Nullable TagCopyStatus now) {
        return new MirroredTagStatus(
                tag,
                upstreamDigest,
                upstreamSince,
                servedDigest,
                since,
                reason,
                waiting,
                history,
                signature,
                now,
                nodesReady);
    }

    public MirroredTagStatus withSignature(@Nullable SignatureStatus now) {
        return new MirroredTagStatus(
                tag,
                upstreamDigest,
                upstreamSince,
                servedDigest,
                since,
                reason,
                waiting,
                history,
                now,
                copy,
                nodesReady);
    }

    public MirroredTagStatus withNodesReady(@Nullable Integer nodes) {
        return new MirroredTagStatus(
                tag,
                upstreamDigest,
                upstreamSince,
                servedDigest,
                since,
                reason,
                waiting,
                history,
                signature,
                copy,
                nodes);
    }
}
