package dev.larder.e2e.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.e2e.install.Helm;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.toolchain.DeliveryTools;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The chart's whole life by the real Helm 4: install, upgrade, test, roll back, uninstall; and what it says to wrong values. */
class HelmE2E {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final String CHART = Grounds.TREE.resolve("helm/larder").toString();
    private static final String CRD = "registrycaches.larder.dev";
    private static final String CRD_VERSION = "larder.dev/crd-version";
    /** A field that the CRD of the earlier chart does not have. */
    private static final String NEW_FIELD = "proxy";

    private static final String CACHE = """
            apiVersion: larder.dev/v1alpha1
            kind: RegistryCache
            metadata: {name: %s}
            spec: {registries: [{host: docker.io}], storage: {minFree: 1Gi}}
            """;

    @SuppressWarnings("NullAway.Init")
    private static Grounds grounds;

    @SuppressWarnings("NullAway.Init")
    private static Helm helm;

    @BeforeAll
    static void start() throws IOException {
        grounds = Grounds.prepare();
        helm = Helm.of(grounds.cluster());
    }

    /** A test that failed may have left its release. */
    @AfterEach
    void uninstall() {
        helm.command("uninstall", "larder", "--namespace", Larder.NAMESPACE, "--ignore-not-found")
                .run();
    }

    @AfterAll
    static void end() {
        grounds.close();
    }

    @Test
    void itIsHelm4() {
        assertThat(helm("version", "--short")).startsWith("v" + DeliveryTools.HELM_VERSION);
    }

    @Test
    void lint_isContent() {
        assertThat(helm("lint", CHART, "--strict")).contains("0 chart(s) failed");
    }

    @Test
    void template_isWhatUsersWithoutHelmGet() throws IOException {
        String rendered = helm("template", "larder", CHART, "--namespace", Larder.NAMESPACE, "--skip-tests")
                .replace("app.kubernetes.io/managed-by: Helm", "app.kubernetes.io/managed-by: kubectl")
                .replaceAll(" +helm[.]sh/chart: .*\n", "");
        var installed = grounds.objects(Files.readString(Grounds.TREE.resolve("deploy/install.yaml")));
        assertThat(grounds.objects(rendered)).hasSizeGreaterThan(5).allSatisfy(object -> assertThat(installed)
                .contains(object));
        assertThat(installed.stream().map(HasMetadata::getKind))
                .filteredOn(kind -> !kind.equals("Namespace") && !kind.equals("CustomResourceDefinition"))
                .hasSameSizeAs(grounds.objects(rendered));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        replica=2                       | additional properties 'replica' not allowed
        replicas=many                   | at '/replicas': got string, want integer
        image.pullPolicy=Sometimes      | at '/image/pullPolicy': value must be one of 'Always', 'IfNotPresent', 'Never'
        image.repository=reg.test/op:v1 | leave the tag or digest away there and set image.tag or image.digest
        platform=openshift              | Larder cannot work: its nodes run CRI-O
        test.seconds=soon               | at '/test/seconds': got string, want integer
        """)
    void wrongValue_isRefusedBeforeAnythingIsMade(String value, String message) {
        Command.Result result = helm.command(
                        "install", "wrong", CHART, "--namespace", "wrong", "--create-namespace", "--set", value)
                .result();
        assertThat(result.succeeded()).isFalse();
        assertThat(result.output()).contains(message);
        assertThat(grounds.client().namespaces().withName("wrong").get()).isNull();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        aks           | a node that has none goes without a cache
        canonical-k8s | Some versions have /var/snap/k8s/common/etc/containerd/hosts.d instead
        eks           | which containerd reads only while discard_unpacked_layers = true stays
        gke           | Whether GKE's containerd has a config_path depends on its version
        k3s           | are written anew whenever the agent starts
        kind          | What kind load puts on a node is not pulled
        kubeadm       | set it and restart containerd
        microk8s      | stay in force behind the cache, and are put back
        rke2          | are written anew whenever the agent starts
        talos         | Mirrors of the machine configuration stay in force
        """)
    void platform_saysWhatItCannotDo(String platform, String limit) {
        assertThat(helm("install", "larder", CHART, "--dry-run=client", "--set", "platform=" + platform))
                .contains("platform is " + platform, limit, "and not " + platform + " itself");
    }

    @Test
    void installationTest_runsAsTheOperatorDoes() {
        List<HasMetadata> objects = grounds.objects(
                helm("template", "larder", CHART, "--set", "test.seconds=7,imagePullSecrets[0].name=s"));
        var operator = objects.stream()
                .filter(Deployment.class::isInstance)
                .map(Deployment.class::cast)
                .map(deployment -> deployment.getSpec().getTemplate().getSpec())
                .findFirst()
                .orElseThrow();
        var test = objects.stream()
                .filter(Pod.class::isInstance)
                .map(Pod.class::cast)
                .findFirst()
                .orElseThrow();
        assertThat(test.getMetadata().getAnnotations()).containsEntry("helm.sh/hook", "test");
        assertThat(test.getMetadata().getLabels())
                .as("the operator's Service must not lead to it")
                .containsEntry("app.kubernetes.io/name", "larder-installation-test");
        assertThat(test.getSpec().getSecurityContext()).isEqualTo(operator.getSecurityContext());
        assertThat(test.getSpec().getServiceAccountName()).isEqualTo(operator.getServiceAccountName());
        assertThat(test.getSpec().getImagePullSecrets()).isEqualTo(operator.getImagePullSecrets());
        var container = test.getSpec().getContainers().getFirst();
        assertThat(container.getImage())
                .isEqualTo(operator.getContainers().getFirst().getImage());
        assertThat(container.getSecurityContext())
                .isEqualTo(operator.getContainers().getFirst().getSecurityContext());
        assertThat(container.getCommand()).endsWith("--within", "7");
        assertThat(helm("template", "larder", CHART, "--set", "test.enabled=false"))
                .doesNotContain("larder-installation-test");
    }

    @Test
    void release_fromItsInstallToItsEnd(@TempDir Path folder) throws IOException {
        install_anEarlierRelease(folder);
        upgrade_bringsCrdAndOperator();
        test_tellsWhatIsWrong();
        handMadeChange_isAConflictThatNamesTheField();
        rollback_keepsTheCrd();

        grounds.larder().delete("default");
        helm("uninstall", "larder", "--namespace", Larder.NAMESPACE);
        grounds.awaitNoObjectOfOurs();
        grounds.awaitNodeAsItWas();
        assertThat(crd().getMetadata().getName())
                .as("with it stay the resources of users")
                .isEqualTo(CRD);

        installAgain_withMore_isNoConflict();
        helm("uninstall", "larder", "--namespace", Larder.NAMESPACE, "--no-hooks");
        grounds.awaitNoObjectOfOurs();
        grounds.awaitNodeAsItWas();
        assertThat(grounds.larder().find("default")).isEmpty();
    }

    private void install_anEarlierRelease(Path folder) throws IOException {
        helm(
                "install",
                "larder",
                earlier(folder),
                "--namespace",
                Larder.NAMESPACE,
                "--create-namespace",
                "--set",
                "crds.upgrade=false");
        grounds.larder().awaitOperator();
        grounds.larder().apply(CACHE.formatted("default"));
        grounds.larder().awaitReady("default");
        assertThat(grounds.entry()).exists();
        assertThat(fields()).doesNotContainKey(NEW_FIELD);
    }

    /** This chart as if it were an older one: another version, and a CRD that lacks a field. */
    private String earlier(Path folder) throws IOException {
        Command.of("cp", "-r", CHART, folder.toString()).run();
        Path crdFile = folder.resolve("larder/crds/" + CRD + ".yaml");
        var crd = grounds.client()
                .getKubernetesSerialization()
                .unmarshal(Files.readString(crdFile), CustomResourceDefinition.class);
        fields(crd).remove(NEW_FIELD);
        Files.writeString(crdFile, grounds.client().getKubernetesSerialization().asYaml(crd));
        helm("package", folder.resolve("larder").toString(), "--version", "0.0.9", "--destination", folder.toString());
        return folder.resolve("larder-0.0.9.tgz").toString();
    }

    private void upgrade_bringsCrdAndOperator() {
        helm("upgrade", "larder", CHART, "--namespace", Larder.NAMESPACE, "--set", "log.level=DEBUG,test.seconds=30");
        awaitEnvironment("LARDER_LOG_LEVEL", "DEBUG");
        Await.until("the CRD of this version", SOON, () -> fields().containsKey(NEW_FIELD));
        assertThat(crd().getMetadata().getAnnotations()).containsEntry(CRD_VERSION, "0.1.0");
        grounds.larder().awaitReady("default");
        assertThat(helm("list", "--namespace", Larder.NAMESPACE)).contains("larder-0.1.0", "deployed");
        assertThat(test().output()).contains("Succeeded", "RegistryCache default: 1 of 1 nodes serve pulls");
    }

    private void test_tellsWhatIsWrong() {
        helm("upgrade", "larder", CHART, "--namespace", Larder.NAMESPACE, "--set", "log.level=DEBUG,test.seconds=2");
        grounds.larder().apply(CACHE.formatted("second"));
        grounds.larder().awaitCondition("second", "Conflict", Condition.Status.True);
        Command.Result result = test();
        assertThat(result.succeeded()).isFalse();
        assertThat(result.output()).contains("NOT WORKING: RegistryCache second: Conflict:");
        grounds.larder().delete("second");
    }

    private static Command.Result test() {
        return helm.command("test", "larder", "--namespace", Larder.NAMESPACE, "--logs")
                .result();
    }

    private void handMadeChange_isAConflictThatNamesTheField() {
        grounds.kubectl("scale", "deployment/larder-operator", "--replicas=2", "--namespace", Larder.NAMESPACE)
                .run();
        List<String> upgrade = List.of("upgrade", "larder", CHART, "--namespace", Larder.NAMESPACE);
        Command.Result refused = helm.command(upgrade).result();
        assertThat(refused.succeeded()).isFalse();
        assertThat(refused.output()).contains("conflict", ".spec.replicas");
        helm("upgrade", "larder", CHART, "--namespace", Larder.NAMESPACE, "--force-conflicts", "--reset-values");
        awaitEnvironment("LARDER_LOG_LEVEL", "INFO");
    }

    private void rollback_keepsTheCrd() {
        helm("rollback", "larder", "1", "--namespace", Larder.NAMESPACE);
        awaitEnvironment("LARDER_UPGRADE_CRD", "false");
        assertThat(helm("list", "--namespace", Larder.NAMESPACE)).contains("larder-0.0.9", "deployed");
        assertThat(fields()).containsKey(NEW_FIELD);
        grounds.larder().awaitReady("default");
        assertThat(grounds.entry()).exists();
    }

    /** Helm 4 applies the CRDs again, which the operator has brought to its version meanwhile. */
    private void installAgain_withMore_isNoConflict() {
        Larder larder = Larder.install(
                grounds.cluster(),
                Map.of(
                        "registryCache.create",
                        "true",
                        "registryCache.spec.storage.minFree",
                        "1Gi",
                        "replicas",
                        "2",
                        "podDisruptionBudget.enabled",
                        "true",
                        "networkPolicy.enabled",
                        "true",
                        "criticalPodsQuota.create",
                        "true"));
        larder.awaitReady("default");
        assertThat(grounds.entry()).exists();
    }

    private static void awaitEnvironment(String variable, String value) {
        grounds.larder().awaitOperator();
        Await.until("one operator with " + variable + "=" + value, SOON, () -> {
            var pods = grounds.operatorPods();
            return pods.size() == 1
                    && pods.getFirst().getSpec().getContainers().getFirst().getEnv().stream()
                            .anyMatch(each -> each.getName().equals(variable) && value.equals(each.getValue()));
        });
        grounds.larder().awaitOperator();
    }

    private static String helm(String... arguments) {
        return helm.command(arguments).run();
    }

    private static CustomResourceDefinition crd() {
        return grounds.client()
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(CRD)
                .get();
    }

    private static Map<String, JSONSchemaProps> fields() {
        return fields(crd());
    }

    private static Map<String, JSONSchemaProps> fields(CustomResourceDefinition crd) {
        return Objects.requireNonNull(crd.getSpec()
                        .getVersions()
                        .getFirst()
                        .getSchema()
                        .getOpenAPIV3Schema()
                        .getProperties()
                        .get("spec"))
                .getProperties();
    }
}
