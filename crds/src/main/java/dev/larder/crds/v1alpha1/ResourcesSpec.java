package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;

/** CPU and memory of the node-cache container. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ResourcesSpec(
        @JsonPropertyDescription("What the scheduler sets aside on each node, such as cpu: 50m and memory: 128Mi.")
        @Size(max = 8)
        Map<String, Quantity> requests,

        @JsonPropertyDescription("""
                What the container may take at most, such as memory: 512Mi. Less than 160Mi of memory starves the node cache.""") @Size(max = 8) Map<String, Quantity> limits) {

    public static final ResourcesSpec DEFAULT = new ResourcesSpec(Map.of(), Map.of());

    public ResourcesSpec {
        requests = requests == null ? Map.of() : Map.copyOf(requests);
        limits = limits == null ? Map.of() : Map.copyOf(limits);
    }
}
