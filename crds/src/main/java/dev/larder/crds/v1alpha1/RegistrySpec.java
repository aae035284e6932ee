package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** One registry to cache: its content's upstreams, who may pull, how long answers stay good. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value =
                "self.access != 'Shared' || (has(self.upstreams) && self.upstreams.exists(u, has(u.credentialsSecretRef) || has(u.cloudIdentity)))",
        message =
                "access: Shared needs credentials to share: name a Secret in upstreams[].credentialsSecretRef, set upstreams[].cloudIdentity, or use Relay")
@ValidationRule(
        value = "self.access == 'Shared' || !has(self.upstreams) || !self.upstreams.exists(u, has(u.cloudIdentity))",
        message =
                "upstreams[].cloudIdentity lets everyone on the nodes pull what it may: set access: Shared if that is meant,"
                        + " or remove it")
public record RegistrySpec(
        @JsonPropertyDescription("""
                The registry as it stands in image names: host or host:port in lower case. docker.io for Docker Hub.""")
        @Required
        @Size(min = 1, max = 255)
        @ValidationRule(
                value =
                        "self.matches('^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?([.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*|[[][0-9a-f:.]{2,45}[]])"
                                + "(:[1-9][0-9]{0,4})?$')",
                message =
                        "host is the registry as it stands in image names, such as docker.io or registry.example.com:5000:"
                                + " lower case, no scheme, no path")
        String host,

        @JsonPropertyDescription("""
                Where the content comes from, tried in order: mirrors in several regions, a Harbor or Artifactory, then \
                the origin. Empty means https://HOST (for docker.io: https://registry-1.docker.io).""") @Size(max = 8) List<UpstreamSpec> upstreams,

        @JsonPropertyDescription("""
                Who may pull what is cached. Relay: the upstream decides for every caller, by its own challenge. \
                Exchange: the cache asks for the caller's credentials and does the upstream's token flow for it. \
                Shared: the upstream's credentialsSecretRef or cloudIdentity is used for everyone on the node. \
                Anonymous: only public content, no credentials are passed on.""") @Default("Relay") Access access,

        @JsonPropertyDescription("Which repositories of this registry are served. All by default.")
        RepositoriesSpec repositories,

        @JsonPropertyDescription(
                "How long the answer to a tag stays good. The first rule whose pattern matches counts.")
        @Size(max = 32)
        List<TagRuleSpec> tags,

        @JsonPropertyDescription("What is kept of the upstream's own rate limit, for images that are not there yet.")
        RateBudgetSpec rateBudget) {

    public RegistrySpec {
        upstreams = upstreams == null ? List.of() : List.copyOf(upstreams);
        access = access == null ? Access.Relay : access;
        repositories = repositories == null ? RepositoriesSpec.ALL : repositories;
        tags = tags == null ? List.of() : List.copyOf(tags);
        rateBudget = rateBudget == null ? RateBudgetSpec.DEFAULT : rateBudget;
    }

    /** A registry with nothing but defaults. */
    public static RegistrySpec of(String host) {
        return new RegistrySpec(host, List.of(), Access.Relay, RepositoriesSpec.ALL, List.of(), RateBudgetSpec.DEFAULT);
    }
}
