package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** How containerd on the nodes is told to use the cache. */
public record ContainerdSpec(
        @JsonPropertyDescription("""
                The folder that holds containerd's hosts.toml folders. auto reads it from containerd's own configuration; \
                name it where that is not under /etc/containerd, as on k3s: \
                /var/lib/rancher/k3s/agent/etc/containerd/certs.d""")
        @Default("auto")
        @Size(min = 1, max = 512)
        @ValidationRule(
                value =
                        "self == 'auto' || (self.matches('^(/[A-Za-z0-9._-]+){2,}$') && !self.matches('(^|/)[.][.]?(/|$)'))",
                message =
                        "configPath must be auto or one absolute folder such as /etc/containerd/certs.d: a list with colons"
                                + " is not one, and it needs a parent folder")
        String configPath,

        @JsonPropertyDescription("""
                false takes our entries out of containerd's configuration on every node and leaves it alone from then on; \
                the node caches go on running.""") @Default("true") Boolean manage,

        @JsonPropertyDescription("""
                A Secret in the operator's namespace with tls.crt, tls.key and ca.crt, the certificate being for the \
                address 127.0.0.1, as cert-manager makes them: containerd then reaches the cache over TLS, and nobody \
                else who listens on the port while the cache is away is shown anything. It costs CPU: content can no \
                longer be sent by the kernel alone. A change replaces the pods.""") @Nullable SecretRef tlsSecretRef) {

    /** The value of {@link #configPath} that means: look into containerd's own configuration. */
    public static final String AUTO = "auto";

    public static final ContainerdSpec DEFAULT = new ContainerdSpec(AUTO, true, null);

    public ContainerdSpec {
        configPath = configPath == null ? AUTO : configPath;
        manage = manage == null || manage;
    }

    /** The folder that was named, or null for {@link #AUTO}. */
    public @Nullable String namedConfigPath() {
        return configPath.equals(AUTO) ? null : configPath;
    }
}
