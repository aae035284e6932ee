package dev.larder.helm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChartValuesTest {
    /** Keys below these are the user's own. */
    private static final Set<String> FREE =
            Set.of("resources", "nodeSelector", "affinity", "podLabels", "podAnnotations", "dashboard.labels");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        image.repository=reg.test/op          | Deployment | larder-operator | spec.template.spec.containers.0.image | reg.test/op:0.1.0
        image.tag=v9                          | Deployment | larder-operator | spec.template.spec.containers.0.image | ghcr.io/larder-dev/operator:v9
        image.digest=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 | Deployment | larder-operator | spec.template.spec.containers.0.image | ghcr.io/larder-dev/operator@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
        image.pullPolicy=Always               | Deployment | larder-operator | spec.template.spec.containers.0.imagePullPolicy | Always
        nodeCache.image.repository=reg.test/n | Deployment | larder-operator | spec.template.spec.containers.0.env.2 | {name=LARDER_NODE_CACHE_IMAGE, value=reg.test/n:0.1.0}
        nodeCache.image.tag=v9                | Deployment | larder-operator | spec.template.spec.containers.0.env.2 | {name=LARDER_NODE_CACHE_IMAGE, value=ghcr.io/larder-dev/node-cache:v9}
        nodeCache.image.digest=sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 | Deployment | larder-operator | spec.template.spec.containers.0.env.2 | {name=LARDER_NODE_CACHE_IMAGE, value=ghcr.io/larder-dev/node-cache@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}
        nodeCache.image.pullPolicy=Never      | Deployment | larder-operator | spec.template.spec.containers.0.env.3 | {name=LARDER_IMAGE_PULL_POLICY, value=Never}
        imagePullSecrets[0].name=s            | Deployment | larder-operator | spec.template.spec.imagePullSecrets.0.name | s
        imagePullSecrets[0].name=s            | Deployment | larder-operator | spec.template.spec.containers.0.env.4 | {name=LARDER_IMAGE_PULL_SECRETS, value=s}
        replicas=2                            | Deployment | larder-operator | spec.replicas | 2
        log.level=DEBUG                       | Deployment | larder-operator | spec.template.spec.containers.0.env.6 | {name=LARDER_LOG_LEVEL, value=DEBUG}
        log.json=false                        | Deployment | larder-operator | spec.template.spec.containers.0.env.7 | {name=LARDER_LOG_JSON, value=false}
        resources.limits.memory=1Gi           | Deployment | larder-operator | spec.template.spec.containers.0.resources.limits.memory | 1Gi
        priorityClassName=mine                | Deployment | larder-operator | spec.template.spec.priorityClassName | mine
        nodeSelector.pool=infra               | Deployment | larder-operator | spec.template.spec.nodeSelector.pool | infra
        tolerations[0].operator=Exists        | Deployment | larder-operator | spec.template.spec.tolerations.0.operator | Exists
        affinity.podAntiAffinity.x=y          | Deployment | larder-operator | spec.template.spec.affinity.podAntiAffinity.x | y
        podLabels.team=infra                  | Deployment | larder-operator | spec.template.metadata.labels.team | infra
        podAnnotations.note=it                | Deployment | larder-operator | spec.template.metadata.annotations.note | it
        extraEnv[0].name=HTTPS_PROXY          | Deployment | larder-operator | spec.template.spec.containers.0.env.8.name | HTTPS_PROXY
        serviceAccount.name=mine              | ServiceAccount | mine        | metadata.name | mine
        serviceAccount.name=mine              | Deployment | larder-operator | spec.template.spec.serviceAccountName | mine
        serviceAccount.name=mine              | RoleBinding | larder-operator | subjects.0.name | mine
        serviceAccount.annotations.a=b        | ServiceAccount | larder-operator | metadata.annotations.a | b
        crds.upgrade=false                    | Deployment | larder-operator | spec.template.spec.containers.0.env.5 | {name=LARDER_UPGRADE_CRD, value=false}
        registryCache.create=true             | RegistryCache | default | spec | {}
        registryCache.create=true,registryCache.name=n | RegistryCache | n | metadata.name | n
        registryCache.create=true,registryCache.spec.storage.size=9Gi | RegistryCache | default | spec.storage.size | 9Gi
        metrics.service.annotations.a=b       | Service | larder-operator | metadata.annotations.a | b
        metrics.serviceMonitor.enabled=true   | ServiceMonitor | larder-operator | spec.endpoints.0.path | /q/metrics
        metrics.serviceMonitor.enabled=true   | ServiceMonitor | larder-node-cache | spec.endpoints.0.path | /metrics
        metrics.serviceMonitor.enabled=true,metrics.serviceMonitor.interval=9s | ServiceMonitor | larder-node-cache | spec.endpoints.0.interval | 9s
        metrics.serviceMonitor.enabled=true,metrics.serviceMonitor.labels.release=p | ServiceMonitor | larder-operator | metadata.labels.release | p
        dashboard.enabled=true                | ConfigMap | larder-dashboard | metadata.labels.grafana_dashboard | 1
        dashboard.enabled=true,dashboard.labels.x=y | ConfigMap | larder-dashboard | metadata.labels.x | y
        dashboard.enabled=true,dashboard.annotations.x=y | ConfigMap | larder-dashboard | metadata.annotations.x | y
        criticalPodsQuota.create=true         | ResourceQuota | larder-critical-pods | spec.scopeSelector.matchExpressions.0.operator | In
        """)
    void value_arrives(String values, String kind, String name, String path, String expected) {
        Map<String, Object> object = Chart.object(kind, name, Chart.values(values));
        assertThat(Yaml.at(object, path)).hasToString(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "serviceAccount.create=false;serviceAccount.name=x, ServiceAccount",
        "rbac.create=false, ClusterRole",
        "rbac.create=false, ClusterRoleBinding",
        "rbac.create=false, Role",
        "rbac.create=false, RoleBinding",
        "metrics.service.enabled=false, Service"
    })
    void valueOff_makesNoObject(String values, String kind) {
        assertThat(Chart.names(Chart.objects(Chart.values(values.replace(';', ',')))))
                .noneMatch(name -> name.startsWith(kind + "/"));
    }

    @Test
    void crdUpgradeOff_grantsNothingOnCrds() {
        assertThat(Yaml.at(Chart.object("ClusterRole", "larder-operator"), "rules")
                        .toString())
                .contains("resourceNames=[registrycaches.larder.dev]");
        assertThat(Yaml.at(Chart.object("ClusterRole", "larder-operator", "crds.upgrade=false"), "rules")
                        .toString())
                .doesNotContain("customresourcedefinitions");
    }

    @Test
    void dashboard_isTheCommittedOne() throws Exception {
        Map<String, Object> map = Chart.object("ConfigMap", "larder-dashboard", "dashboard.enabled=true");
        assertThat(Yaml.map(Yaml.at(map, "data")))
                .containsEntry("larder-overview.json", Files.readString(DashboardTest.DASHBOARD));
    }

    @Test
    void schemaAndValues_haveTheSameKeys() throws Exception {
        Map<String, Object> values =
                Yaml.documents(Chart.FOLDER.resolve("values.yaml")).getFirst();
        Map<String, Object> schema =
                Yaml.documents(Chart.FOLDER.resolve("values.schema.json")).getFirst();
        Set<String> declared = new TreeSet<>();
        schemaKeys(schema, "", declared);
        declared.remove("global"); // Helm adds it to a chart used by another
        Set<String> given = new TreeSet<>();
        valueKeys(values, "", given);
        assertThat(declared).isEqualTo(given);
    }

    @Test
    void everyValue_isDocumented() throws Exception {
        List<String> lines = Files.readAllLines(Chart.FOLDER.resolve("values.yaml"));
        Map<String, Object> values = Yaml.documents(String.join("\n", lines)).getFirst();
        Set<String> keys = new TreeSet<>();
        valueKeys(values, "", keys);
        long documented =
                lines.stream().filter(line -> line.strip().startsWith("# -- ")).count();
        assertThat(documented).isEqualTo(keys.size());
    }

    private static void schemaKeys(Map<String, Object> schema, String prefix, Set<String> into) {
        if (!schema.containsKey("properties")) {
            into.add(prefix.substring(0, prefix.length() - 1));
            return;
        }
        Yaml.map(Yaml.at(schema, "properties"))
                .forEach((key, value) -> schemaKeys(Yaml.map(value), prefix + key + ".", into));
    }

    private static void valueKeys(Map<String, Object> values, String prefix, Set<String> into) {
        values.forEach((key, value) -> {
            String path = prefix + key;
            if (value instanceof Map<?, ?> map && !map.isEmpty() && !FREE.contains(path)) {
                valueKeys(Yaml.map(value), path + ".", into);
            } else {
                into.add(path);
            }
        });
    }
}
