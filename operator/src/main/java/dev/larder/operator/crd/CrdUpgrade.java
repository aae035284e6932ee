package dev.larder.operator.crd;

import dev.larder.operator.config.OperatorConfig;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinitionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the CRDs to this version before anything is reconciled, since Helm makes a chart's CRDs once and never changes them
 * again. It never makes a CRD, and never takes one back to an older version: while an update rolls, the old operator may
 * start after the new one.
 */
@Singleton
class CrdUpgrade {
    static final List<String> NAMES = List.of("registrycaches.larder.dev", "mirroredimages.larder.dev");
    /** The version of the operator that wrote the CRD last; absent on one that Helm or kubectl made. */
    static final String VERSION = "larder.dev/crd-version";

    /**
     * Written in Helm's name: Helm 4 applies a chart's CRDs on the server whenever it installs, and would be refused if the
     * fields were another's by then (HelmE2E installs again after an upgrade).
     */
    private static final String HELM = "helm";

    private static final Logger LOG = LoggerFactory.getLogger(CrdUpgrade.class);
    /** Before the operator SDK, which starts its informers at this event. */
    private static final int FIRST = 1;

    void onStart(
            @Observes @Priority(FIRST) StartupEvent event,
            KubernetesClient client,
            OperatorConfig config,
            @ConfigProperty(name = "quarkus.application.version") String version) {
        if (config.upgradeCrd()) {
            NAMES.forEach(name -> upgrade(client, name, version));
        }
    }

    /** Whatever goes wrong is logged with its remedy: a CRD of another version serves better than no operator. */
    static void upgrade(KubernetesClient client, String name, String version) {
        Resource<CustomResourceDefinition> resource =
                client.apiextensions().v1().customResourceDefinitions().withName(name);
        try {
            CustomResourceDefinition present = resource.get();
            if (present == null) {
                LOG.error("the CRD {} is missing: apply the chart's crds/ folder", name);
                return;
            }
            if (!isOlder(writtenBy(present), version)) {
                return;
            }
            client.resource(new CustomResourceDefinitionBuilder(own(client, name))
                            .editMetadata()
                            .addToAnnotations(VERSION, version)
                            .endMetadata()
                            .build())
                    .fieldManager(HELM)
                    .forceConflicts()
                    .serverSideApply();
            LOG.info("brought the CRD {} to version {}", name, version);
        } catch (KubernetesClientException e) {
            LOG.error(
                    "cannot bring the CRD {} to version {}: let the operator get and patch it (chart value crds.upgrade),"
                            + " or apply the chart's crds/ folder: {}",
                    name,
                    version,
                    e.getMessage());
        }
    }

    private static Optional<String> writtenBy(CustomResourceDefinition present) {
        return Optional.ofNullable(present.getMetadata().getAnnotations()).map(annotations -> annotations.get(VERSION));
    }

    private static boolean isOlder(Optional<String> present, String version) {
        return present.map(CrdVersion::parse)
                .map(written -> written.compareTo(CrdVersion.parse(version)) < 0)
                .orElse(true);
    }

    static CustomResourceDefinition own(KubernetesClient client, String name) {
        String file = "/META-INF/fabric8/" + name + "-v1.yml";
        try (InputStream in = Objects.requireNonNull(CrdUpgrade.class.getResourceAsStream(file), file)) {
            return client.getKubernetesSerialization().unmarshal(in, CustomResourceDefinition.class);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
