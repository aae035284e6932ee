package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A dated tag that is to leave spec.to.repository. */
public record CopyTagStatus(
        @JsonPropertyDescription("The tag.") @Required @Size(max = 128)
        String tag,

        @JsonPropertyDescription("What it was made to mean.") @Required @Size(max = 256)
        String digest) {}
