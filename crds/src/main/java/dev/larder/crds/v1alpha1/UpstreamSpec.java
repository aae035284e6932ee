package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A registry that content is fetched from. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value = "!self.url.startsWith('http://') || !(has(self.insecureSkipVerify) && self.insecureSkipVerify)",
        message = "insecureSkipVerify means nothing for an http:// url: remove it, or write https://")
@ValidationRule(
        value = "!self.url.startsWith('http://') || !has(self.caBundleRef)",
        message = "caBundleRef means nothing for an http:// url: remove it, or write https://")
@ValidationRule(
        value = "!has(self.cloudIdentity) || !has(self.credentialsSecretRef)",
        message = "cloudIdentity and credentialsSecretRef exclude each other: remove one")
@ValidationRule(
        value = "!has(self.cloudIdentity) || self.url.startsWith('https://')",
        message = "cloudIdentity is never sent in clear: write https:// in url, or remove cloudIdentity")
@ValidationRule(
        value = "!has(self.cloudIdentity) || self.cloudIdentity.provider != 'ECR' || has(self.cloudIdentity.region)"
                + " || self.url.matches('^https://(public[.]ecr[.]aws|[0-9]{12}[.]dkr([.]ecr(-fips)?|-ecr(-fips)?)"
                + "[.][a-z0-9-]+[.](amazonaws[.]com([.]cn)?|on[.]aws))$')",
        message = "the url does not tell ECR's region: add cloudIdentity.region, or write"
                + " https://ACCOUNT.dkr.ecr.REGION.amazonaws.com in url")
public record UpstreamSpec(
        @JsonPropertyDescription("""
                https://host or https://host:port. http:// is possible, sends everything in clear, and raises the \
                condition InsecureUpstream.""")
        @Required
        @Size(min = 8, max = 512)
        @ValidationRule(
                value =
                        "self.matches('^https?://([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?([.][A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
                                + "|[[][0-9a-fA-F:.]{2,45}[]])(:[1-9][0-9]{0,4})?$')",
                message = "url must be https://host or http://host with an optional port: a path goes into pathPrefix,"
                        + " a user into credentialsSecretRef")
        String url,

        @JsonPropertyDescription("""
                Put before the repository name: a Harbor project or an Artifactory repository, such as docker-hub-proxy.""")
        @Size(max = 255)
        @ValidationRule(
                value = "self.matches('^([a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*)?$')",
                message =
                        "pathPrefix must be a repository path such as docker-hub-proxy: lower case, no slash at its ends")
        @Nullable
        String pathPrefix,

        @JsonPropertyDescription("""
                A Secret in the operator's namespace with the credentials for this upstream: type \
                kubernetes.io/dockerconfigjson, or the keys username and password.""") @Nullable SecretRef credentialsSecretRef,

        @JsonPropertyDescription("""
                The operator gets a short-lived login for this upstream by an identity in its cloud, and renews it. Needs \
                access: Shared.""") @Nullable CloudIdentitySpec cloudIdentity,

        @JsonPropertyDescription("""
                A ConfigMap in the operator's namespace with PEM certificates to trust beside the public ones.""") @Nullable CaBundleRef caBundleRef,

        @JsonPropertyDescription("""
                Takes any certificate of this upstream. Whoever is between can read and change what is sent, digests \
                aside; raises the condition InsecureUpstream.""") @Nullable Boolean insecureSkipVerify,

        @JsonPropertyDescription("""
                Token servers that may be shown this upstream's logins, as host or host:port, always over https. Needed only \
                for one that is neither on the upstream's host nor on its registrable domain: whoever answers in the \
                upstream's place could else have any password sent anywhere.""") @Size(max = 8)
        List<@Size(min = 1, max = 255) @Pattern("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?$") String>
                tokenServers,

        @JsonPropertyDescription("How long to wait for this upstream, where the defaults do not fit it.") @Nullable
        UpstreamTimeoutsSpec timeouts) {

    public UpstreamSpec {
        tokenServers = tokenServers == null ? List.of() : List.copyOf(tokenServers);
    }

    /** An upstream with nothing but its address. */
    public static UpstreamSpec of(String url) {
        return new UpstreamSpec(url, null, null, null, null, null, List.of(), null);
    }

    /** Whether somebody on the way can read or change what is sent. */
    public boolean insecure() {
        return url.startsWith("http://") || Boolean.TRUE.equals(insecureSkipVerify);
    }
}
