package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What has come of a RegistryCache. Written by the operator only. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RegistryCacheStatus(
        @JsonPropertyDescription("The metadata.generation this status is about.") @Nullable
        Long observedGeneration,

        @JsonPropertyDescription("""
                Ready, Progressing, Degraded, Conflict, ContainerdConfigured, and where they apply CredentialsValid, \
                CloudLoginsCurrent and InsecureUpstream.""") @Size(max = 16) List<Condition> conditions,

        @JsonPropertyDescription("The nodes, counted, and those in trouble by name.") @Nullable
        NodesStatus nodes,

        @JsonPropertyDescription("The registries, summed over the nodes.") @Size(max = 64)
        List<RegistryStatus> registries,

        @JsonPropertyDescription("Share of all requests of the last hour that were answered from disk, such as 87%.")
        @Nullable
        String hitRatio1h,

        @JsonPropertyDescription("Identifies the configuration that the nodes should have loaded.") @Nullable
        String configRevision) {

    public static final RegistryCacheStatus NONE =
            new RegistryCacheStatus(null, List.of(), null, List.of(), null, null);

    public RegistryCacheStatus {
        conditions = conditions == null ? List.of() : List.copyOf(conditions);
        registries = registries == null ? List.of() : List.copyOf(registries);
    }
}
