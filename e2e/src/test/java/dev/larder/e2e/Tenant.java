package dev.larder.e2e;

import dev.larder.e2e.cluster.Cluster;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.upstream.Login;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A namespace of a cluster, with the pull secrets that its people have. */
record Tenant(Cluster cluster, String namespace) {
    static final String SECRET = "pull";

    /** A namespace in which nobody has a login; it may be there already. */
    static Tenant in(Cluster cluster, String namespace) {
        cluster.client()
                .resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .serverSideApply();
        var tenant = new Tenant(cluster, namespace);
        Await.until("the service account of " + namespace, Duration.ofSeconds(30), () -> tenant.serviceAccount()
                .isPresent());
        return tenant;
    }

    /** Makes the pull secret {@value SECRET} of these logins, by registry. */
    Tenant with(Map<String, Login> logins) {
        String auths = logins.entrySet().stream()
                .map(entry -> "\"%s\": {\"username\": \"%s\", \"password\": \"%s\"}"
                        .formatted(
                                entry.getKey(),
                                entry.getValue().user(),
                                entry.getValue().password()))
                .collect(Collectors.joining(", "));
        cluster.client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(SECRET)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withType("kubernetes.io/dockerconfigjson")
                        .addToStringData(".dockerconfigjson", "{\"auths\": {" + auths + "}}")
                        .build())
                .serverSideApply();
        return this;
    }

    /** Lets every pod of the namespace use the pull secret without naming it. */
    Tenant throughTheServiceAccount() {
        ServiceAccount account = serviceAccount().orElseThrow();
        account.setImagePullSecrets(List.of(new LocalObjectReference(SECRET)));
        cluster.client().resource(account).update();
        return this;
    }

    private Optional<ServiceAccount> serviceAccount() {
        return Optional.ofNullable(cluster.client()
                .serviceAccounts()
                .inNamespace(namespace)
                .withName("default")
                .get());
    }
}
