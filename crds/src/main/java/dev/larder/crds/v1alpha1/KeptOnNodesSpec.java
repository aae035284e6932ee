package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.IntOrString;
import org.jspecify.annotations.Nullable;

/** Which nodes have the images on their disks before anybody asks, and how they get them. Every node answers the tags. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record KeptOnNodesSpec(
        @JsonPropertyDescription("""
                All, or on how many of the nodes that selector leaves. Which ones is chosen by the image and the nodes' names, \
                so that as little as possible moves when a node comes or goes. The other nodes answer the tags with the same \
                digests, and fetch what is asked for.""")
        @Default("All")
        @ValidationRule(
                value = "type(self) == int ? self >= 1 && self <= 100000 : self == 'All'",
                message = "keep must be All, or a number of nodes from 1 on, such as 3 (without quotes)")
        IntOrString keep,

        @JsonPropertyDescription("Labels of the nodes that keep the images. Empty means every node with a node cache.")
        NodeSelectorSpec selector,

        @JsonPropertyDescription("""
                The most that a node fetches ahead of time, a second: bytes, or with Ki, Mi, Gi, k, M or G. Images with it are \
                fetched one after the other on each node. What a pod asks for is not held to it. Absent means no bound.""")
        @Size(min = 1, max = 24)
        @ValidationRule(
                value = "self.matches('^[1-9][0-9]{0,11}(Ki|Mi|Gi|k|M|G)?$')",
                message =
                        "bandwidth must be a whole number of bytes a second, or with Ki, Mi, Gi, k, M or G, such as 50Mi")
        @ValidationRule(
                value = "!self.matches('^[1-9][0-9]{0,11}(Ki|Mi|Gi|k|M|G)?$')"
                        + " || (quantity(self).compareTo(quantity('64Ki')) >= 0"
                        + " && quantity(self).compareTo(quantity('1024Gi')) <= 0)",
                message =
                        "bandwidth must be at least 64Ki, since registries hang up on who takes less, and at most 1024Gi")
        @Nullable
        String bandwidth,

        @JsonPropertyDescription("""
                Within so much time after a node has heard of a digest it begins to fetch it, each node at another moment; at \
                once when a pod asks for it.""")
        @Default("0s")
        @Size(max = 32)
        @ValidationRule(
                value = "self.matches('^(0|[0-9]{1,5}[smh])$')",
                message = "spread must be a duration of one unit, such as 90s, 30m or 2h")
        @ValidationRule(
                value = "!self.matches('^(0|[0-9]{1,5}[smh])$') || duration(self) <= duration('24h')",
                message = "spread must be at most 24h")
        String spread) {

    /** On every node, at once, at full speed. */
    public static final KeptOnNodesSpec DEFAULT =
            new KeptOnNodesSpec(new IntOrString("All"), NodeSelectorSpec.ALL, null, "0s");

    public KeptOnNodesSpec {
        keep = keep == null ? new IntOrString("All") : keep;
        selector = selector == null ? NodeSelectorSpec.ALL : selector;
        spread = spread == null ? "0s" : spread;
    }

    /** On how many nodes at most. */
    public int most() {
        return keep.getIntVal() == null ? Integer.MAX_VALUE : keep.getIntVal();
    }

    /** Whether nodes are chosen at all. */
    public boolean chooses() {
        return keep.getIntVal() != null || !selector.equals(NodeSelectorSpec.ALL);
    }
}
