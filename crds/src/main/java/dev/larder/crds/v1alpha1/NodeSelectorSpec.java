package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import java.util.Map;

/** A selector over the labels of nodes: both parts must hold. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record NodeSelectorSpec(
        @JsonPropertyDescription("Labels a node must have, with these values.") @Size(max = 32)
        Map<String, String> matchLabels,

        @JsonPropertyDescription("Conditions on a node's labels that must all hold.") @Size(max = 32)
        List<LabelExpression> matchExpressions) {

    public static final NodeSelectorSpec ALL = new NodeSelectorSpec(Map.of(), List.of());

    public NodeSelectorSpec {
        matchLabels = matchLabels == null ? Map.of() : Map.copyOf(matchLabels);
        matchExpressions = matchExpressions == null ? List.of() : List.copyOf(matchExpressions);
    }

    /** Whether a node with these labels is selected. */
    public boolean selects(Map<String, String> labels) {
        return matchLabels.entrySet().stream()
                        .allMatch(wanted -> wanted.getValue().equals(labels.get(wanted.getKey())))
                && matchExpressions.stream().allMatch(expression -> expression.holds(labels));
    }
}
