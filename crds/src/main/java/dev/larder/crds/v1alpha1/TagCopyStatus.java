package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** What a tag means in spec.to.repository. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TagCopyStatus(
        @JsonPropertyDescription("The digest that was copied last, and verified there.") @Required @Size(max = 256)
        String digest,

        @JsonPropertyDescription("When.") @Required String at,

        @JsonPropertyDescription("The tag of its own that it has there.") @Size(max = 128) @Nullable
        String datedTag) {}
