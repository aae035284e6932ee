package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** A taint that the node caches put up with, as pods have it. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TolerationSpec(
        @JsonPropertyDescription("The taint's key. Empty with operator Exists matches all.") @Size(max = 317) @Nullable
        String key,

        @JsonPropertyDescription("Exists ignores value; Equal compares it.") @Default("Equal")
        Operator operator,

        @JsonPropertyDescription("The taint's value, for operator Equal.") @Size(max = 63) @Nullable
        String value,

        @JsonPropertyDescription("The taint's effect. Empty matches all.") @Nullable
        Effect effect) {

    public TolerationSpec {
        operator = operator == null ? Operator.Equal : operator;
    }

    /** The names are those of the API. */
    public enum Operator {
        Equal,
        Exists
    }

    /** The names are those of the API. */
    public enum Effect {
        NoSchedule,
        PreferNoSchedule,
        NoExecute
    }
}
