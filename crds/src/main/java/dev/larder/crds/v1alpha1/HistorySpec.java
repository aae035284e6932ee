package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** How much of what was served before is remembered. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record HistorySpec(
        @JsonPropertyDescription("""
                So many earlier digests of each tag. The latest five of them also stay on the nodes that have them.""") @Default("10") @Min(1) @Max(20)
        Integer keep,

        @JsonPropertyDescription("Earlier digests that ended longer ago are forgotten. 0s never forgets by age.")
        @Default("90d")
        @Size(max = 32)
        @ValidationRule(
                value = "self.matches('^(0|([0-9]{1,9}(ms|s|m|h|d))+)$')",
                message = "maxAge must be a duration such as 12h or 90d")
        String maxAge) {

    public static final HistorySpec DEFAULT = new HistorySpec(10, "90d");

    public HistorySpec {
        keep = keep == null ? 10 : keep;
        maxAge = maxAge == null ? "90d" : maxAge;
    }
}
