package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** Which repositories are served: globs over names without the registry, such as {@code library/*}. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RepositoriesSpec(
        @JsonPropertyDescription("Globs over repository names, such as library/*. Empty allows all.") @Size(max = 128)
        List<@Size(min = 1, max = 255) String> allow,

        @JsonPropertyDescription("Globs over repository names that are not served, whatever allow says.")
        @Size(max = 128)
        List<@Size(min = 1, max = 255) String> deny) {

    public static final RepositoriesSpec ALL = new RepositoriesSpec(List.of(), List.of());

    public RepositoriesSpec {
        allow = allow == null ? List.of() : List.copyOf(allow);
        deny = deny == null ? List.of() : List.copyOf(deny);
    }
}
