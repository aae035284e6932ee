package dev.larder.e2e;

import dev.larder.e2e.install.Larder;
import dev.larder.e2e.upstream.Login;
import dev.larder.e2e.upstream.PrivateRegistry;
import io.fabric8.kubernetes.api.model.SecretBuilder;

/** A registry with passwords for which the stage's RegistryCache names a login that is everyone's. */
record SharedLogin(Stage stage, PrivateRegistry registry, String secret) {

    /** The Secret that the RegistryCache names has this login from now on. */
    void give(Login login) {
        stage.cluster()
                .client()
                .resource(new SecretBuilder()
                        .withNewMetadata()
                        .withName(secret)
                        .withNamespace(Larder.NAMESPACE)
                        .endMetadata()
                        .addToStringData("username", login.user())
                        .addToStringData("password", login.password())
                        .build())
                .forceConflicts()
                .serverSideApply();
    }

    /** Adds the registry to the stage's RegistryCache; {@link Stage#larder} takes it away again. */
    void apply() {
        Larder larder = stage.larder();
        larder.apply(spec());
        larder.awaitReady(Stage.RESOURCE);
    }

    /** The stage's RegistryCache with the registry. */
    String spec() {
        String entry = """
                  - host: "%s"
                    access: Shared
                    upstreams: [{url: "%s", credentialsSecretRef: {name: %s}}]
                """.formatted(registry.host(), registry.url(), secret);
        return stage.spec("/var/lib/larder").replace("  storage:", entry + "  storage:");
    }
}
