package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;

/** The ports of a node cache; both on the node's own network. */
@ValidationRule(
        value = "!has(self.registry) || !has(self.admin) || self.registry != self.admin",
        message = "ports.registry and ports.admin must differ: give one of them another number")
public record PortsSpec(
        @JsonPropertyDescription("Where containerd comes, on 127.0.0.1. Changing it restarts the node caches.")
        @Default("5151")
        @Min(1)
        @Max(65535)
        Integer registry,

        @JsonPropertyDescription("""
                Health, metrics and status, on the node's address. Changing it restarts the node caches.""") @Default("5152") @Min(1) @Max(65535)
        Integer admin) {

    public static final PortsSpec DEFAULT = new PortsSpec(5151, 5152);

    public PortsSpec {
        registry = registry == null ? 5151 : registry;
        admin = admin == null ? 5152 : admin;
    }
}
