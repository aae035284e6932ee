package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Names a Secret in the operator's namespace. */
public record SecretRef(
        @JsonPropertyDescription("The Secret's name. It lives in the operator's namespace.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(
                value = "self.matches('^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$')",
                message = "name must be the name of a Secret: lower-case letters, digits, - and .")
        String name) {}
