package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** Values of annotations that have been acted upon: each counts once, until it changes or is taken away. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HandledStatus(
        @JsonPropertyDescription("Of larder.dev/check-now.") @Nullable
        String checkNow,

        @JsonPropertyDescription("Of larder.dev/promote.") @Nullable
        String promote,

        @JsonPropertyDescription("Of larder.dev/rollback-to.") @Nullable
        String rollbackTo,

        @JsonPropertyDescription("Why the latter two could not be followed.") @Size(max = 512) @Nullable
        String problem) {

    public static final HandledStatus NONE = new HandledStatus(null, null, null, null);
}
