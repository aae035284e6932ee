package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** Tags that the rules left out. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record LeftOutStatus(
        @JsonPropertyDescription("How many.") @Required Integer count,

        @JsonPropertyDescription("Some of them, the highest versions first, each with the rule.") @Size(max = 20)
        List<LeftOutTag> examples) {

    public LeftOutStatus {
        examples = examples == null ? List.of() : List.copyOf(examples);
    }
}
