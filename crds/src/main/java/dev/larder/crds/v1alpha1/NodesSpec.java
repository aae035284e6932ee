package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** Which nodes get a node cache. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NodesSpec(
        @JsonPropertyDescription("Labels of the nodes that get a node cache. Empty means every Linux node.")
        NodeSelectorSpec selector,

        @JsonPropertyDescription("""
                Taints of nodes that the node caches put up with. Empty means all taints, so that no node pulls without a cache.""") @Size(max = 32) List<TolerationSpec> tolerations) {

    public static final NodesSpec DEFAULT = new NodesSpec(NodeSelectorSpec.ALL, List.of());

    public NodesSpec {
        selector = selector == null ? NodeSelectorSpec.ALL : selector;
        tolerations = tolerations == null ? List.of() : List.copyOf(tolerations);
    }
}
