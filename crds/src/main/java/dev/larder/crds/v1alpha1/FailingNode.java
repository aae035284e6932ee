package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;

/** A node in trouble. */
public record FailingNode(
        @JsonPropertyDescription("The node's name.") @Required
        String node,

        @JsonPropertyDescription("What kind of trouble, in one word.") @Required
        String reason,

        @JsonPropertyDescription("What is wrong, and what to do about it.") @Size(max = 1024)
        String message) {}
