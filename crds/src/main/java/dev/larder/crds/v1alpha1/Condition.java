package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A condition in the Kubernetes shape; a record where the client library has a mutable class without descriptions. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Condition(
        @JsonPropertyDescription("What the condition is about, such as Ready.") @Required @Size(min = 1, max = 316)
        String type,

        @JsonPropertyDescription("True, False or Unknown.") @Required
        Status status,

        @JsonPropertyDescription("The metadata.generation the condition was decided for.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("When status last changed.") @Required
        String lastTransitionTime,

        @JsonPropertyDescription("One word for programs.") @Required @Size(min = 1, max = 1024)
        String reason,

        @JsonPropertyDescription("A sentence for people: what is so, and what to do about it.")
        @Required
        @Size(max = 32768)
        String message) {

    /** The names are those of the API. */
    public enum Status {
        True,
        False,
        Unknown
    }
}
