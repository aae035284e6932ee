package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** Names a key of a ConfigMap in the operator's namespace. */
public record CaBundleRef(
        @JsonPropertyDescription("The ConfigMap's name. It lives in the operator's namespace.")
        @Required
        @Size(min = 1, max = 253)
        @ValidationRule(
                value = "self.matches('^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$')",
                message = "name must be the name of a ConfigMap: lower-case letters, digits, - and .")
        String name,

        @JsonPropertyDescription("The key that holds the PEM text.")
        @Default("ca.crt")
        @Size(min = 1, max = 253)
        @ValidationRule(
                value = "self.matches('^[A-Za-z0-9._-]+$') && !self.startsWith('..')",
                message = "key must be a key of a ConfigMap: letters, digits, -, _ and .")
        String key) {

    public CaBundleRef {
        key = key == null ? "ca.crt" : key;
    }
}
