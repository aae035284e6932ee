package dev.larder.operator.registrycache.desired;

import dev.larder.crds.v1alpha1.CloudIdentitySpec;
import dev.larder.crds.v1alpha1.CloudProvider;
import dev.larder.crds.v1alpha1.UpstreamSpec;
import java.net.URI;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Secret in which the login of a cloud identity is handed to the nodes: one for all upstreams of a RegistryCache that have
 * the same identity.
 *
 * @param place the region for ECR, {@value #PUBLIC_ECR} for ECR Public, the login server for ACR, empty for Google
 * @param tenant of ACR, when the spec has it
 * @param keys the Secret that holds keys of the cloud, if any
 */
public record LoginSecret(
        String name,
        CloudProvider provider,
        String place,
        @Nullable String tenant,
        @Nullable String keys) {

    /** As image names have it. */
    public static final String PUBLIC_ECR = "public.ecr.aws";

    private static final Pattern ECR_HOST =
            Pattern.compile("[0-9]{12}[.]dkr(?:[.]ecr|-ecr)(?:-fips)?[.]([a-z0-9-]+)[.].*");

    /** Empty for an upstream without a cloud identity. */
    public static Optional<LoginSecret> of(String registryCache, UpstreamSpec upstream) {
        CloudIdentitySpec identity = upstream.cloudIdentity();
        if (identity == null) {
            return Optional.empty();
        }
        String keys = identity.keysSecretRef() == null
                ? null
                : identity.keysSecretRef().name();
        String place = place(identity, host(upstream));
        String tenant = identity.provider() == CloudProvider.ACR ? identity.tenant() : null;
        String text = identity.provider() + " " + place + " " + tenant + " " + keys;
        String name = Names.loginPrefix(registryCache) + Revision.of(text);
        return Optional.of(new LoginSecret(name, identity.provider(), place, tenant, keys));
    }

    /** The upstream's host and port, as the node cache looks for it in the Secret. */
    public static String host(UpstreamSpec upstream) {
        return Objects.requireNonNullElse(URI.create(upstream.url()).getAuthority(), "");
    }

    private static String place(CloudIdentitySpec identity, String host) {
        return switch (identity.provider()) {
            case GAR -> "";
            case ACR -> host;
            case ECR -> {
                if (host.equals(PUBLIC_ECR)) {
                    yield PUBLIC_ECR;
                }
                Matcher region = ECR_HOST.matcher(host);
                String ofHost = region.matches() ? region.group(1) : "";
                yield identity.region() == null ? ofHost : identity.region();
            }
        };
    }
}
