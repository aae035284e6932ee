package dev.larder.operator.registrycache.desired;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import java.util.Map;

/**
 * All objects of one RegistryCache; owner references are added where they are applied.
 *
 * @param configRevision what every node should report as loaded
 */
public record DesiredObjects(
        ServiceAccount serviceAccount,
        ConfigMap configMap,
        Service service,
        DaemonSet daemonSet,
        String configRevision) {

    public static DesiredObjects of(CachePlan plan) {
        DesiredConfig config = DesiredConfig.of(plan);
        return new DesiredObjects(
                serviceAccount(plan),
                configMap(plan, config),
                service(plan),
                DesiredDaemonSet.of(plan),
                config.revision());
    }

    static ObjectMeta metadata(CachePlan plan) {
        return new ObjectMetaBuilder()
                .withName(Names.child(plan.name()))
                .withNamespace(plan.settings().namespace())
                .withLabels(Names.labels(plan.name()))
                .build();
    }

    /** Names the pods for policies; it has no permissions, and no token is mounted. */
    private static ServiceAccount serviceAccount(CachePlan plan) {
        return new ServiceAccountBuilder()
                .withMetadata(metadata(plan))
                .withAutomountServiceAccountToken(false)
                .build();
    }

    private static ConfigMap configMap(CachePlan plan, DesiredConfig config) {
        return new ConfigMapBuilder()
                .withMetadata(metadata(plan))
                .withData(Map.of(Names.CONFIG_FILE, config.text()))
                .build();
    }

    /** Headless: for scraping every node, also those that are not ready, since then the figures matter most. */
    private static Service service(CachePlan plan) {
        int port = plan.spec().ports().admin();
        return new ServiceBuilder()
                .withMetadata(metadata(plan))
                .editMetadata()
                .addToAnnotations("prometheus.io/scrape", "true")
                .addToAnnotations("prometheus.io/port", Integer.toString(port))
                .addToAnnotations("prometheus.io/path", "/metrics")
                .endMetadata()
                .withNewSpec()
                .withClusterIP("None")
                .withPublishNotReadyAddresses(true)
                .withSelector(Names.selector(plan.name()))
                .addNewPort()
                .withName("metrics")
                .withPort(port)
                .withNewTargetPort("metrics")
                .withProtocol("TCP")
                .endPort()
                .endSpec()
                .build();
    }
}
