package dev.larder.helm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.PortsSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
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
        extraVolumes[0].name=token            | Deployment | larder-operator | spec.template.spec.volumes.1.name | token
        extraVolumeMounts[0].name=token       | Deployment | larder-operator | spec.template.spec.containers.0.volumeMounts.1.name | token
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
        metrics.service.scrapeAnnotations=true | Service | larder-operator | metadata.annotations | {prometheus.io/scrape=true, prometheus.io/port=8080, prometheus.io/path=/q/metrics}
        metrics.service.scrapeAnnotations=true,metrics.service.annotations.a=b | Service | larder-operator | metadata.annotations.a | b
        metrics.serviceMonitor.enabled=true   | ServiceMonitor | larder-node-cache | spec.jobLabel | app.kubernetes.io/name
        metrics.serviceMonitor.enabled=true   | ServiceMonitor | larder-operator | spec.jobLabel | app.kubernetes.io/name
        prometheusRule.enabled=true           | PrometheusRule | larder | spec.groups.0.name | larder-recorded
        prometheusRule.enabled=true,prometheusRule.labels.release=p | PrometheusRule | larder | metadata.labels.release | p
        dashboard.enabled=true                | ConfigMap | larder-dashboard | metadata.labels.grafana_dashboard | 1
        dashboard.enabled=true,dashboard.labels.x=y | ConfigMap | larder-dashboard | metadata.labels.x | y
        dashboard.enabled=true,dashboard.annotations.x=y | ConfigMap | larder-dashboard | metadata.annotations.x | y
        registryCache.create=true,registryCache.annotations.a=b | RegistryCache | default | metadata.annotations.a | b
        registryCache.create=true,platform=k3s | RegistryCache | default | spec.containerd.configPath | /var/lib/rancher/k3s/agent/etc/containerd/certs.d
        registryCache.create=true,platform=rke2 | RegistryCache | default | spec.containerd.configPath | /var/lib/rancher/rke2/agent/etc/containerd/certs.d
        registryCache.create=true,platform=talos | RegistryCache | default | spec.containerd.configPath | /etc/cri/conf.d/hosts
        registryCache.create=true,platform=microk8s | RegistryCache | default | spec.containerd.configPath | /var/snap/microk8s/current/args/certs.d
        registryCache.create=true,platform=canonical-k8s | RegistryCache | default | spec.containerd.configPath | /etc/containerd/hosts.d
        registryCache.create=true,platform=eks | RegistryCache | default | spec | {}
        registryCache.create=true,platform=k3s,registryCache.spec.containerd.configPath=/mine | RegistryCache | default | spec.containerd.configPath | /mine
        platform=gke                          | ResourceQuota | larder-critical-pods | spec.hard.pods | 100000
        podDisruptionBudget.enabled=true,replicas=3,podDisruptionBudget.maxUnavailable=2 | PodDisruptionBudget | larder-operator | spec.maxUnavailable | 2
        networkPolicy.enabled=true            | NetworkPolicy | larder-operator | spec.ingress.0.ports | [{port=http}]
        networkPolicy.enabled=true,networkPolicy.metricsFrom[0].podSelector.matchLabels.app=p | NetworkPolicy | larder-operator | spec.ingress.0.from.0.podSelector.matchLabels.app | p
        networkPolicy.enabled=true,networkPolicy.apiServerPorts[0]=16443 | NetworkPolicy | larder-operator | spec.egress.1.ports | [{port=16443, protocol=TCP}]
        networkPolicy.enabled=true,networkPolicy.nodeCachePorts[0]=9 | NetworkPolicy | larder-operator | spec.egress.2.ports | [{port=9, protocol=TCP}]
        networkPolicy.enabled=true,networkPolicy.extraEgress[0].ports[0].port=3128 | NetworkPolicy | larder-operator | spec.egress.4.ports.0.port | 3128
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
        "metrics.service.enabled=false, Service",
        "replicas=2, PodDisruptionBudget",
        "replicas=2, NetworkPolicy",
        "platform=eks, ResourceQuota"
    })
    void valueOff_makesNoObject(String values, String kind) {
        assertThat(Chart.names(Chart.objects(Chart.values(values.replace(';', ',')))))
                .noneMatch(name -> name.startsWith(kind + "/"));
    }

    @Test
    void crdUpgradeOff_grantsNothingOnCrds() {
        assertThat(Yaml.at(Chart.object("ClusterRole", "larder-operator"), "rules")
                        .toString())
                .contains("resourceNames=[registrycaches.larder.dev, mirroredimages.larder.dev]");
        assertThat(Yaml.at(Chart.object("ClusterRole", "larder-operator", "crds.upgrade=false"), "rules")
                        .toString())
                .doesNotContain("customresourcedefinitions");
    }

    @Test
    void networkPolicy_letsTheOperatorReachNodeCachesOnTheirDefaultPorts() {
        assertThat(Yaml.at(
                        Chart.object("NetworkPolicy", "larder-operator", "networkPolicy.enabled=true"),
                        "spec.egress.2.ports"))
                .hasToString("[{port=%d, protocol=TCP}, {port=%d, protocol=TCP}]"
                        .formatted(PortsSpec.DEFAULT.admin(), PortsSpec.DEFAULT.jobsPort()));
    }

    /** Only kinds with a folder are presets; the page about containerd has the same ones. */
    @Test
    void platforms_areThoseOfThePageAboutContainerd() throws Exception {
        String page = Files.readString(Path.of("../deploy/containerd/README.md"));
        for (String platform : List.of("k3s", "rke2", "talos", "microk8s", "canonical-k8s")) {
            Object folder = Yaml.at(
                    Chart.object("RegistryCache", "default", "registryCache.create=true", "platform=" + platform),
                    "spec.containerd.configPath");
            assertThat(page).contains("| `" + platform + "` |").contains("`" + folder + "`");
        }
        for (String platform : List.of("aks", "eks", "gke", "kind", "kubeadm")) {
            assertThat(page).contains("| `" + platform + "` |");
        }
    }

    @Test
    void dashboards_areTheCommittedOnes() throws Exception {
        Map<String, Object> map = Chart.object("ConfigMap", "larder-dashboard", "dashboard.enabled=true");
        Map<String, Object> expected = new TreeMap<>();
        for (Path dashboard : DashboardTest.dashboards()) {
            expected.put(dashboard.getFileName().toString(), Files.readString(dashboard));
        }
        assertThat(Yaml.map(Yaml.at(map, "data"))).isEqualTo(expected);
    }

    @Test
    void rules_areTheCommittedOnes() throws Exception {
        Map<String, Object> rule = Chart.object("PrometheusRule", "larder", "prometheusRule.enabled=true");
        assertThat(Yaml.at(rule, "spec"))
                .isEqualTo(Yaml.documents(RulesTest.RULES).getFirst());
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
    void readme_hasEveryValue() throws Exception {
        Path readme = Path.of("README.md");
        String text = Files.readString(readme);
        String begin = "<!-- values -->\n";
        String end = "<!-- end of values -->";
        assertThat(text).contains(begin, end);
        Golden.assertHolds(
                readme,
                text.substring(0, text.indexOf(begin) + begin.length())
                        + ValuesTable.of(Files.readAllLines(Chart.FOLDER.resolve("values.yaml")))
                        + text.substring(text.indexOf(end)));
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
