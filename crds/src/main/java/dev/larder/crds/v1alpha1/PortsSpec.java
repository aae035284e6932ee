package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** The ports of a node cache; all on the node's own network. */
@ValidationRule(
        value = "!has(self.registry) || !has(self.admin) || self.registry != self.admin",
        message = "ports.registry and ports.admin must differ: give one of them another number")
@ValidationRule(
        value =
                "!has(self.jobs) || ((!has(self.registry) || self.jobs != self.registry) && (!has(self.admin) || self.jobs != self.admin))",
        message = "ports.jobs must differ from ports.registry and ports.admin: give one of them another number")
public record PortsSpec(
        @JsonPropertyDescription("Where containerd comes, on 127.0.0.1. Changing it restarts the node caches.")
        @Default("5151")
        @Min(1)
        @Max(65535)
        Integer registry,

        @JsonPropertyDescription("""
                Health and metrics, on the node's address; status, on loopback. Changing it restarts the node caches.""") @Default("5152") @Min(1) @Max(65535)
        Integer admin,

        @JsonPropertyDescription("""
                Where the operator asks for the status and for what only a registry knows, over TLS with certificates on \
                both sides. By default the number after admin. Changing it restarts the node caches.""") @Min(1) @Max(65535) @Nullable
        Integer jobs) {

    public static final PortsSpec DEFAULT = new PortsSpec(5151, 5152, null);

    public PortsSpec {
        registry = registry == null ? 5151 : registry;
        admin = admin == null ? 5152 : admin;
    }

    /** The port in force. */
    public int jobsPort() {
        if (jobs != null) {
            return jobs;
        }
        int next = admin == 65535 ? 1024 : admin + 1;
        return next == registry ? next + 1 : next;
    }
}
