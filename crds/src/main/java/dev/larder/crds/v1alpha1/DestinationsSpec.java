package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import org.jspecify.annotations.Nullable;

/** Where a mirrored image goes. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record DestinationsSpec(
        @JsonPropertyDescription("Which nodes have it on their disks ahead of time. Absent means all, at once.")
        KeptOnNodesSpec nodes,

        @JsonPropertyDescription("""
                A repository of another registry that what is served is copied to, digests unchanged.""") @Nullable TargetRepositorySpec repository) {

    public static final DestinationsSpec NONE = new DestinationsSpec(KeptOnNodesSpec.DEFAULT, null);

    public DestinationsSpec {
        nodes = nodes == null ? KeptOnNodesSpec.DEFAULT : nodes;
    }
}
