package dev.larder.operator.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.List;
import java.util.Optional;

/** The operator's own settings; each is an environment variable {@code LARDER_…}, listed in operator/README.md. */
@ConfigMapping(prefix = "larder")
public interface OperatorConfig {

    /** Where the operator runs and keeps everything it makes. */
    @WithDefault("larder-system")
    String namespace();

    @WithDefault("ghcr.io/larder-dev/node-cache:0.1.0")
    String nodeCacheImage();

    @WithDefault("IfNotPresent")
    String imagePullPolicy();

    /** Names of Secrets in the namespace. */
    Optional<List<String>> imagePullSecrets();

    @WithDefault("true")
    boolean leaderElection();

    /** Whether the CRD is brought to this version at start. */
    @WithDefault("true")
    boolean upgradeCrd();

    /** This instance's name in the Lease; the pod's name. */
    Optional<String> podName();
}
