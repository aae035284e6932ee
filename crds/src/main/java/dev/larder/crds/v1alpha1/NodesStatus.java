package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** The nodes of a RegistryCache, counted. */
@JsonInclude(JsonInclude.Include.ALWAYS)
public record NodesStatus(
        @JsonPropertyDescription("Nodes that should have a node cache.")
        int desired,

        @JsonPropertyDescription("Nodes whose node cache is ready to serve.")
        int ready,

        @JsonPropertyDescription(
                "Nodes whose containerd uses the cache for every registry, with the present configuration.")
        int configured,

        @JsonPropertyDescription("Nodes in trouble: the first 20 by name.") @Size(max = 20)
        List<FailingNode> failing) {

    /** How many failing nodes are listed by name. */
    public static final int MAX_FAILING = 20;

    public NodesStatus {
        failing = failing == null ? List.of() : List.copyOf(failing);
    }
}
