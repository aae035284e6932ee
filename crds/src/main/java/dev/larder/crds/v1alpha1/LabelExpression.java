package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;

/** One condition on a label. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "self.operator in ['In', 'NotIn'] ? has(self.values) && self.values.size() > 0 : !has(self.values)"
                + " || self.values.size() == 0",
        message = "values go with In and NotIn, which need at least one; Exists and DoesNotExist take none")
public record LabelExpression(
        @JsonPropertyDescription("The label's key.") @Required @Size(min = 1, max = 317)
        String key,

        @JsonPropertyDescription("How the label is compared with values.") @Required
        Operator operator,

        @JsonPropertyDescription("The values that In and NotIn compare with.") @Size(max = 64)
        List<@Size(max = 63) String> values) {

    public LabelExpression {
        values = values == null ? List.of() : List.copyOf(values);
    }

    /** The names are those of the API. */
    public enum Operator {
        In,
        NotIn,
        Exists,
        DoesNotExist
    }

    /** As the scheduler decides it: NotIn also holds where the label is missing. */
    public boolean holds(Map<String, String> labels) {
        String value = labels.get(key);
        return switch (operator) {
            case In -> value != null && values.contains(value);
            case NotIn -> value == null || !values.contains(value);
            case Exists -> value != null;
            case DoesNotExist -> value == null;
        };
    }
}
