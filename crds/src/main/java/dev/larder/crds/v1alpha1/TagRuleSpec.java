package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** How long the answer to a tag stays good. Durations are text such as {@code 5m}, {@code 168h} or {@code 7d}. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TagRuleSpec(
        @JsonPropertyDescription("A glob over tag names, such as *, latest or 1.27.*")
        @Default("'*'")
        @Size(min = 1, max = 128)
        String pattern,

        @JsonPropertyDescription("Inside it the answer is given without asking the upstream. 0s asks every time.")
        @Default("5m")
        @Size(max = 32)
        @ValidationRule(
                value = "self.matches('^(0|([0-9]{1,9}(ms|s|m|h|d))+)$')",
                message = "freshFor must be a duration such as 30s, 5m, 168h or 7d")
        String freshFor,

        @JsonPropertyDescription(
                "For this long after freshFor the old answer is given at once and a new one fetched behind it.")
        @Default("1h")
        @Size(max = 32)
        @ValidationRule(
                value = "self.matches('^(0|([0-9]{1,9}(ms|s|m|h|d))+)$')",
                message = "staleWhileRevalidate must be a duration such as 30s, 5m, 168h or 7d")
        String staleWhileRevalidate,

        @JsonPropertyDescription(
                "For this long after freshFor the old answer stands in for an upstream that fails. 0s is never.")
        @Default("168h")
        @Size(max = 32)
        @ValidationRule(
                value = "self.matches('^(0|([0-9]{1,9}(ms|s|m|h|d))+)$')",
                message = "staleIfError must be a duration such as 30s, 5m, 168h or 7d")
        String staleIfError,

        @JsonPropertyDescription("""
                A tag that the upstream no longer has: Refuse answers that it is unknown, Serve goes on until staleIfError ends.""") @Default("Refuse") OnDeletedUpstream onDeletedUpstream) {

    public TagRuleSpec {
        pattern = pattern == null ? "*" : pattern;
        freshFor = freshFor == null ? "5m" : freshFor;
        staleWhileRevalidate = staleWhileRevalidate == null ? "1h" : staleWhileRevalidate;
        staleIfError = staleIfError == null ? "168h" : staleIfError;
        onDeletedUpstream = onDeletedUpstream == null ? OnDeletedUpstream.Refuse : onDeletedUpstream;
    }
}
