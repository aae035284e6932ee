package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** The HTTP proxy that node caches reach upstreams through. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
        value = "!has(self.secretRef) || !(has(self.https) || has(self.http))",
        message = "secretRef brings the proxies' addresses with it: remove https and http, or remove secretRef")
@ValidationRule(
        value = "!has(self.noProxy) || has(self.https) || has(self.http) || has(self.secretRef)",
        message = "noProxy makes exceptions of a proxy: name one in https, http or secretRef, or remove noProxy")
public record ProxySpec(
        @JsonPropertyDescription("For https:// upstreams, as http://host:port: HTTPS_PROXY of the node caches.")
        @Size(max = 512)
        @ValidationRule(
                value =
                        "self.matches('^http://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[[][0-9a-fA-F:.]{2,45}[]])(:[1-9][0-9]{0,4})?/?$')",
                message = "https must be the proxy's address as http://host:port: a user and password go into a Secret"
                        + " named in secretRef")
        @Nullable
        String https,

        @JsonPropertyDescription("For http:// upstreams, as http://host:port: HTTP_PROXY of the node caches.")
        @Size(max = 512)
        @ValidationRule(
                value =
                        "self.matches('^http://([A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[[][0-9a-fA-F:.]{2,45}[]])(:[1-9][0-9]{0,4})?/?$')",
                message = "http must be the proxy's address as http://host:port: a user and password go into a Secret"
                        + " named in secretRef")
        @Nullable
        String http,

        @JsonPropertyDescription("""
                What is reached without the proxy: names with their subdomains, .suffixes, addresses, blocks such as \
                10.0.0.0/8, each with an optional port, separated by commas; * for everything. Loopback never goes through \
                it.""")
        @Size(max = 4096)
        @ValidationRule(
                value = "self.matches('^[A-Za-z0-9.,:/*_ [\\\\]-]*$')",
                message = "noProxy must be names, .suffixes, addresses or blocks with commas between them, such as"
                        + " .example.com,10.0.0.0/8")
        @Nullable
        String noProxy,

        @JsonPropertyDescription("""
                A Secret in the operator's namespace with the keys HTTPS_PROXY, HTTP_PROXY or both, for proxies that want \
                a user and a password: http://user:password@host:port. Its NO_PROXY counts where noProxy is not set. The \
                node caches read it when they start.""") @Nullable SecretRef secretRef) {

    public static final ProxySpec NONE = new ProxySpec(null, null, null, null);
}
