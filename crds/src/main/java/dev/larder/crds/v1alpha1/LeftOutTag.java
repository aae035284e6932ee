package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A tag that a rule left out. */
public record LeftOutTag(
        @JsonPropertyDescription("The tag.") @Required @Size(max = 128)
        String tag,

        @JsonPropertyDescription("The rule.") @Required @Size(max = 256)
        String reason) {}
