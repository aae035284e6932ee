package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What has come of a MirroredImage. Written by the operator only. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record MirroredImageStatus(
        @JsonPropertyDescription("The metadata.generation this status is about.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("Ready, Checked, Promoted, Degraded, and Copied with to.repository.") @Size(max = 16)
        List<Condition> conditions,

        @JsonPropertyDescription("The chosen tags, and those that are served though they are chosen no more.")
        @Size(max = 400)
        List<MirroredTagStatus> tags,

        @JsonPropertyDescription("The tags that the rules left out.") @Nullable
        LeftOutStatus leftOut,

        @JsonPropertyDescription("What the last look at the upstream found wrong with what is asked for.")
        @Size(max = 20)
        List<@Size(max = 1024) String> problems,

        @JsonPropertyDescription("What the nodes answer with, in short: one tag's digest, or how many tags.") @Nullable
        String serving,

        @JsonPropertyDescription("When what is served last changed.") @Nullable
        String since,

        @JsonPropertyDescription("What is found and not served, in short.") @Nullable
        String waiting,

        @JsonPropertyDescription(
                "On how many nodes everything that is served is ready, of how many that are to keep it.")
        @Nullable
        String nodes,

        @JsonPropertyDescription("When the upstream was looked at last, whether it answered or not.") @Nullable
        String lastCheck,

        @JsonPropertyDescription("When it is looked at next.") @Nullable
        String nextCheck,

        @JsonPropertyDescription("Dated tags of spec.to.repository whose time is over.") @Size(max = 200)
        List<CopyTagStatus> removing,

        @JsonPropertyDescription("Whether the upstream gave the image without anybody's credentials.") @Nullable
        Boolean open,

        @JsonPropertyDescription("The annotations that have been acted upon.") @Nullable
        HandledStatus handled) {

    public static final MirroredImageStatus NONE = new MirroredImageStatus(
            null, List.of(), List.of(), null, List.of(), null, null, null, null, null, null, List.of(), null, null);

    public MirroredImageStatus {
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
        tags = tags == null ? List.of() : List.copyOf(tags);
        removing = removing == null ? List.of() : List.copyOf(removing);
        problems = problems == null ? List.of() : List.copyOf(problems);
    }
}
