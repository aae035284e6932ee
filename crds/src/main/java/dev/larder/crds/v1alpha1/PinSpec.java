package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;

/** A tag that means a given digest. */
public record PinSpec(
        @JsonPropertyDescription("The tag; it is mirrored also when the rules leave it out.")
        @Required
        @Size(min = 1, max = 128)
        @ValidationRule(
                value = "self.matches('^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$')",
                message = "pins[].tag must be a tag such as 1.27: letters, digits, dot, dash and underscore")
        String tag,

        @JsonPropertyDescription("A digest of the same repository.")
        @Required
        @Size(max = 71)
        @ValidationRule(
                value = "self.matches('^sha256:[0-9a-f]{64}$')",
                message =
                        "pins[].digest must be sha256: and 64 hexadecimal digits, as docker images --digests shows it")
        String digest) {}
