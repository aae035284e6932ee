package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** One registry, summed over the nodes. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RegistryStatus(
        @JsonPropertyDescription("The registry as it stands in image names.") @Required
        String host,

        @JsonPropertyDescription("""
                Yes: some node reached an upstream when it last tried. No: none did. Unknown: nobody has tried yet.""") Reachable reachable,

        @JsonPropertyDescription("""
                Invalid: an upstream refused the credentials it was given on some node. Unknown: none are named, or none \
                were asked for yet.""") Credentials credentials,

        @JsonPropertyDescription("How many pulls an upstream last said are left, of the node that has the fewest.")
        @Nullable
        Long rateLimitRemaining,

        @JsonPropertyDescription("Share of the last hour's requests that were answered from disk, such as 87%.")
        @Nullable
        String hitRatio1h) {

    /** The names are those of the API. */
    public enum Reachable {
        Yes,
        No,
        Unknown
    }

    /** The names are those of the API. */
    public enum Credentials {
        Valid,
        Invalid,
        Unknown
    }
}
