package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** When a digest that was found is served. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PromotionSpec(
        @JsonPropertyDescription("""
                Automatic serves what was found once it has soaked. Manual lists it; the annotation larder.dev/promote \
                or a pin serves it, and a tag that nothing was promoted of is an ordinary one.""") @Default("Automatic") PromotionMode mode,

        @JsonPropertyDescription("""
                For this long the upstream's tag must have meant the same before it is served. Only for Automatic, and \
                not for the first digest of a tag, which the nodes would give out anyway.""")
        @Default("0s")
        @Size(max = 32)
        @ValidationRule(
                value = "self.matches('^(0|([0-9]{1,9}(ms|s|m|h|d))+)$')",
                message = "soak must be a duration such as 30m, 24h or 7d")
        String soak) {

    public static final PromotionSpec DEFAULT = new PromotionSpec(PromotionMode.Automatic, "0s");

    public PromotionSpec {
        mode = mode == null ? PromotionMode.Automatic : mode;
        soak = soak == null ? "0s" : soak;
    }
}
