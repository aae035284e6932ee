package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;

/** What a digest must have before it is served. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record VerifySpec(
        @JsonPropertyDescription("A signature made by cosign.") @Required
        CosignSpec cosign) {}
