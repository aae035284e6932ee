package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A digest that was served for a while. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ServedDigest(
        @JsonPropertyDescription("The digest.") @Required @Size(max = 256)
        String digest,

        @JsonPropertyDescription("When it began to be served.") @Required
        String from,

        @JsonPropertyDescription("When another took its place.") @Required
        String to,

        @JsonPropertyDescription("Why it ended: Promoted when a newer one came, RolledBack, Pinned.")
        @Required
        @Size(max = 64)
        String reason,

        @JsonPropertyDescription("The tag of its own that it has in spec.to.repository.") @Size(max = 128) @Nullable
        String datedTag) {}
