package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** What is left of an upstream's rate limit for the pulls that have nothing else. */
public record RateBudgetSpec(
        @JsonPropertyDescription("""
                A share of the limit that the upstream itself tells, such as Docker Hub's 100 pulls in six hours. Below it, \
                whatever can be answered with what is on the node is, marked as stale, and the rest of the limit is for \
                images that are not there yet. 0% keeps nothing back.""")
        @Default("20%")
        @Size(min = 2, max = 4)
        @ValidationRule(
                value = "self.matches('^([0-9]|[1-9][0-9]|100)%$')",
                message = "reserve must be a whole share of the upstream's limit from 0% to 100%, such as 20%")
        String reserve) {

    public static final RateBudgetSpec DEFAULT = new RateBudgetSpec("20%");

    public RateBudgetSpec {
        reserve = reserve == null ? "20%" : reserve;
    }
}
