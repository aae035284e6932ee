package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A repository that is copied to. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "!self.url.startsWith('http://') || !has(self.caBundleRef)",
        message = "caBundleRef means nothing for an http:// url: remove it, or write https://")
public record TargetRepositorySpec(
        @JsonPropertyDescription("""
                The registry and the repository, as in https://registry.internal/mirror/nginx. http:// is possible and \
                sends everything in clear, the login too.""")
        @Required
        @Size(min = 10, max = 512)
        @ValidationRule(
                value =
                        "self.matches('^https?://([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
                                + "|[[][0-9a-fA-F:.]{2,45}[]])(:[1-9][0-9]{0,4})?(/[a-z0-9]+(([.]|_|__|-+)[a-z0-9]+)*)+$')",
                message =
                        "url must be https://host/repository, such as https://registry.internal/mirror/nginx: tags are"
                                + " those mirrored, a user goes into credentialsSecretRef")
        String url,

        @JsonPropertyDescription("""
                A login that may push there: a Secret of type kubernetes.io/dockerconfigjson with an entry for the \
                registry, or of type kubernetes.io/basic-auth.""") @Nullable SecretRef credentialsSecretRef,

        @JsonPropertyDescription("Certificates that the registry may show, beside the system's.") @Nullable
        CaBundleRef caBundleRef,

        @JsonPropertyDescription("""
                Hosts, perhaps with a port, of token servers of other domains that may be shown the login, over https.""") @Size(max = 8)
        List<@Size(min = 1, max = 255) @Pattern("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$") String>
                tokenServers,

        @JsonPropertyDescription("""
                All copies every image of an index. Selected copies those of spec.platforms, and the index as it is, which \
                then names images that are not there: not every registry takes that.""") @Default("All") CopiedPlatforms platforms,

        @JsonPropertyDescription("""
                Whether signatures, SBOMs and what else refers to an image goes along: OCI referrers, and the tags of cosign.""") @Default("true") Boolean attachments,

        @JsonPropertyDescription("""
                Whether each digest that is served also gets a tag of its own with the date, such as 1.27-20261122, and \
                what was served before it one that ends in -previous.""") @Default("true") Boolean datedTags,

        @JsonPropertyDescription("""
                Whether a dated tag goes away once its digest has left spec.history. Nothing else is ever deleted.""") @Default("true") Boolean prune) {

    public TargetRepositorySpec {
        tokenServers = tokenServers == null ? List.of() : List.copyOf(tokenServers);
        platforms = platforms == null ? CopiedPlatforms.All : platforms;
        attachments = attachments == null || attachments;
        datedTags = datedTags == null || datedTags;
        prune = prune == null || prune;
    }

    /** Registry and repository as an image's name has them. */
    public String image() {
        return url.substring(url.indexOf("://") + "://".length());
    }
}
