package dev.larder.helm;

import static org.assertj.core.api.Assertions.assertThat;

import com.marcnuri.helm.LintResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ChartTest {
    private static final String POD = "spec.template.spec.";
    private static final String CONTAINER = POD + "containers.0.";
    private static final Set<String> CLUSTER_SCOPED = Set.of("ClusterRole", "ClusterRoleBinding", "RegistryCache");

    @Test
    void lint_strict() {
        LintResult result = Chart.helm().lint().strict().call();
        assertThat(result.isFailed())
                .as(String.join("\n", result.getMessages()))
                .isFalse();
    }

    @Test
    void defaults_makeTheOperatorAndNothingElse() {
        assertThat(Chart.names(withoutCrd(Chart.objects())))
                .containsExactlyInAnyOrder(
                        "ServiceAccount/larder-operator",
                        "ClusterRole/larder-operator",
                        "ClusterRoleBinding/larder-operator",
                        "Role/larder-operator",
                        "RoleBinding/larder-operator",
                        "Role/larder-operator-events",
                        "RoleBinding/larder-operator-events",
                        "Service/larder-operator",
                        "Secret/larder-jobs-operator",
                        "Secret/larder-jobs-node-cache",
                        "Deployment/larder-operator");
    }

    @Test
    void everything_golden() throws Exception {
        String rendered = Chart.template("elsewhere")
                .skipCrds()
                .withValuesFile(Path.of("src/test/resources/everything.values.yaml"))
                .call();
        Golden.assertHolds(Path.of("src/test/resources/everything.yaml"), rendered.strip() + "\n");
    }

    @Test
    void operator_runsUnderTheRestrictedPodSecurityStandard() {
        Map<String, Object> deployment = Chart.object("Deployment", "larder-operator");
        assertThat(Yaml.at(deployment, POD + "securityContext"))
                .isEqualTo(Map.of(
                        "runAsNonRoot",
                        true,
                        "runAsUser",
                        65532,
                        "runAsGroup",
                        65532,
                        "seccompProfile",
                        Map.of("type", "RuntimeDefault")));
        assertThat(Yaml.at(deployment, CONTAINER + "securityContext"))
                .isEqualTo(Map.of(
                        "allowPrivilegeEscalation",
                        false,
                        "readOnlyRootFilesystem",
                        true,
                        "capabilities",
                        Map.of("drop", List.of("ALL"))));
        assertThat(Yaml.map(Yaml.at(deployment, "spec.template.spec")))
                .doesNotContainKeys("hostNetwork", "hostPID", "hostIPC");
        assertThat(Yaml.at(deployment, POD + "volumes").toString()).doesNotContain("hostPath");
    }

    @Test
    void operator_isProbedLimitedAndCritical() {
        Map<String, Object> deployment = Chart.object("Deployment", "larder-operator");
        assertThat(Yaml.at(deployment, CONTAINER + "livenessProbe.httpGet.path"))
                .isEqualTo("/q/health/live");
        assertThat(Yaml.at(deployment, CONTAINER + "readinessProbe.httpGet.path"))
                .isEqualTo("/q/health/ready");
        assertThat(Yaml.at(deployment, CONTAINER + "startupProbe.failureThreshold"))
                .isEqualTo(60);
        assertThat(Yaml.at(deployment, CONTAINER + "resources.limits.memory")).isEqualTo("320Mi");
        assertThat(Yaml.at(deployment, POD + "priorityClassName")).isEqualTo("system-cluster-critical");
        assertThat(Yaml.at(deployment, "spec.replicas")).isEqualTo(1);
    }

    @Test
    void roles_grantNoWildcardAndNoSecretOutsideTheNamespace() {
        for (Map<String, Object> object : Chart.objects()) {
            String kind = text(object, "kind");
            if (!kind.equals("ClusterRole") && !kind.equals("Role")) {
                continue;
            }
            for (Object each : (List<?>) Yaml.at(object, "rules")) {
                Map<String, Object> rule = Yaml.map(each);
                assertThat(rule.values().toString()).doesNotContain("*");
                assertThat(rule).doesNotContainKey("nonResourceURLs");
                Set<String> verbs = strings(Yaml.at(rule, "verbs"));
                assertThat(verbs).doesNotContain("escalate", "bind", "impersonate", "deletecollection");
                if (strings(Yaml.at(rule, "resources")).contains("secrets")) {
                    assertThat(kind).isEqualTo("Role");
                    assertThat(Yaml.at(object, "metadata.namespace")).isEqualTo(Chart.NAMESPACE);
                    assertThat(verbs).containsExactlyInAnyOrder("get", "create", "patch", "delete");
                }
            }
        }
        assertThat(Chart.text()).doesNotContain("cluster-admin");
    }

    @Test
    void roles_areThoseOfTheOperatorsReadme() throws Exception {
        List<Map<String, Object>> objects = Chart.objects();
        Set<String> granted = objects.stream()
                .filter(object -> Set.of("Role", "ClusterRole").contains(text(object, "kind")))
                .flatMap(role -> ((List<?>) Yaml.at(role, "rules"))
                        .stream().map(rule -> role.get("kind") + " " + rule(Yaml.map(rule))))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(granted).isEqualTo(OperatorReadme.permissions());
    }

    @Test
    void bindings_bindTheOperatorsAccountOnly() {
        for (Map<String, Object> object : Chart.objects()) {
            if (text(object, "kind").endsWith("Binding")) {
                assertThat(Yaml.at(object, "subjects"))
                        .isEqualTo(List.of(Map.of(
                                "kind", "ServiceAccount", "name", "larder-operator", "namespace", Chart.NAMESPACE)));
            }
        }
    }

    @Test
    void everyNamespacedObject_isInTheReleasesNamespace() {
        for (Map<String, Object> object : Yaml.documents(Chart.textIn("elsewhere"))) {
            String kind = text(object, "kind");
            Map<String, Object> metadata = Yaml.map(Yaml.at(object, "metadata"));
            if (CLUSTER_SCOPED.contains(kind) || kind.equals("CustomResourceDefinition")) {
                assertThat(metadata).doesNotContainKey("namespace");
            } else if (text(metadata, "name").endsWith("-events")) {
                assertThat(metadata).containsEntry("namespace", "default");
            } else {
                assertThat(metadata).as(kind).containsEntry("namespace", "elsewhere");
            }
        }
    }

    @Test
    void operator_readsItsNamespaceAndNameFromThePod() {
        String environment = Yaml.at(Chart.object("Deployment", "larder-operator"), CONTAINER + "env")
                .toString();
        assertThat(environment)
                .contains("{name=LARDER_NAMESPACE, valueFrom={fieldRef={fieldPath=metadata.namespace}}}")
                .contains("{name=POD_NAME, valueFrom={fieldRef={fieldPath=metadata.name}}}")
                .contains("{name=LARDER_NODE_CACHE_IMAGE, value=ghcr.io/larder-dev/node-cache:0.1.0}");
    }

    @Test
    void crd_isTheGeneratedOne() throws Exception {
        for (String crd : List.of("registrycaches.larder.dev", "mirroredimages.larder.dev")) {
            Path generated = Path.of("../crds/src/main/resources/META-INF/fabric8/" + crd + "-v1.yml");
            Golden.assertHolds(Chart.FOLDER.resolve("crds/" + crd + ".yaml"), Files.readString(generated));
        }
    }

    @Test
    void templates_holdOneKindAFile() throws Exception {
        try (Stream<Path> files = Files.list(Chart.FOLDER.resolve("templates"))) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".yaml")).toList()) {
                assertThat(Files.readAllLines(file).stream().filter(line -> line.startsWith("kind: ")))
                        .as(file.toString())
                        .hasSize(1);
            }
        }
    }

    private static List<Map<String, Object>> withoutCrd(List<Map<String, Object>> objects) {
        return objects.stream()
                .filter(object -> !"CustomResourceDefinition".equals(object.get("kind")))
                .toList();
    }

    private static String rule(Map<String, Object> rule) {
        return new TreeSet<>(strings(Yaml.at(rule, "apiGroups"))) + " "
                + new TreeSet<>(strings(Yaml.at(rule, "resources"))) + " "
                + new TreeSet<>(strings(Yaml.at(rule, "verbs")));
    }

    private static String text(Map<String, Object> object, String key) {
        return (String) Yaml.at(object, key);
    }

    private static Set<String> strings(Object list) {
        return ((List<?>) list).stream().map(Object::toString).collect(Collectors.toSet());
    }
}
