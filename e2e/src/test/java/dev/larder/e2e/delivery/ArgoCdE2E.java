package dev.larder.e2e.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.e2e.cluster.Edits;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.DeliveryTools;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.upstream.DebianImages;
import dev.larder.e2e.upstream.UpstreamRegistry;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The real Argo CD brings the chart and the resources from git, as deploy/argocd says, and takes them away again. */
class ArgoCdE2E {
    private static final Path SHIPPED = Grounds.TREE.resolve("deploy/argocd");
    private static final int REFRESHES = 30;
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final String CHART = "larder";
    private static final String RESOURCES = "larder-resources";
    private static final String CACHE_FILE = "larder/registrycache.yaml";
    private static final String IMAGE = "larder/argo:1";

    @SuppressWarnings("NullAway.Init")
    private static Grounds grounds;

    @SuppressWarnings("NullAway.Init")
    private static UpstreamRegistry upstream;

    @SuppressWarnings("NullAway.Init")
    private static GitRepository git;

    @SuppressWarnings("NullAway.Init")
    private static ArgoCd argo;

    @BeforeAll
    static void start() throws IOException {
        grounds = Grounds.prepare();
        CacheFolder cache = CacheFolder.ofEnvironment();
        Progress progress = new Progress(System.out);
        upstream = UpstreamRegistry.start(
                grounds.cluster(), DebianImages.prepare(cache, grounds.cluster().tools(), progress));
        upstream.publish(IMAGE, 300_000);
        DeliveryTools.ArgoCdPrograms programs = DeliveryTools.argoCd(cache, progress);
        git = GitRepository.init(grounds.cluster().folder().resolve("git"), programs);
        git.copy(Grounds.TREE.resolve("helm/larder"), "helm/larder");
        git.commit("Add the chart");
        argo = ArgoCd.start(grounds.cluster(), programs, Files.readString(SHIPPED.resolve("argocd-cm.yaml")));
        grounds.keepWhatIsThere();
    }

    @AfterAll
    static void end() {
        grounds.close();
    }

    @Test
    void gitSaysWhatRuns() throws IOException {
        chart_isHealthyAsShipped();
        refreshes_changeNothing();
        operatorAgain_changesNothing();
        handMadeChange_isTakenBack();
        cacheTurnedOff_isPruned();
        resources_comeFromGitInOrder();
        revert_isTheWayBack();
        removedFile_givesTheNodeBack();
        applicationsDeleted_leaveNothingButTheKinds();
    }

    private void chart_isHealthyAsShipped() throws IOException {
        apply("application.yaml", application -> {
            Map<String, Object> values = application.get("spec", "source", "helm", "valuesObject", "registryCache");
            values.put("spec", spec("5m"));
        });
        argo.awaitHealthy(CHART, git.head());
        assertThat(grounds.entry()).exists();
        assertThat(created("RegistryCache", "default"))
                .as("its wave comes after that of the operator")
                .isAfterOrEqualTo(operatorAvailableSince());
    }

    private void refreshes_changeNothing() {
        Seen before = seen();
        for (int time = 0; time < REFRESHES; time++) {
            argo.refresh(CHART);
            assertThat(argo.status(CHART, "sync.status")).contains("Synced");
        }
        assertThat(seen()).isEqualTo(before);
    }

    private void operatorAgain_changesNothing() {
        Seen before = seen();
        Pod operator = grounds.operatorPods().getFirst();
        grounds.client().resource(operator).delete();
        Await.until("another operator", SOON, () -> grounds.operatorPods().stream()
                .noneMatch(pod ->
                        pod.getMetadata().getUid().equals(operator.getMetadata().getUid())));
        grounds.larder().awaitOperator();
        grounds.larder().awaitReady("default");
        argo.refresh(CHART);
        assertThat(argo.status(CHART, "sync.status")).contains("Synced");
        assertThat(seen()).isEqualTo(before);
    }

    private void handMadeChange_isTakenBack() {
        Optional<Object> before = cacheSpec();
        Edits.edit(resource("RegistryCache", "default"), cache -> {
            cache.setAdditionalProperty("spec", spec("1h"));
            return cache;
        });
        grounds.client()
                .services()
                .inNamespace(Larder.NAMESPACE)
                .withName("larder-operator")
                .delete();
        Await.until("the RegistryCache as git has it", SOON, () -> before.equals(cacheSpec()));
        Await.until(
                "the operator's Service",
                SOON,
                () -> grounds.client()
                                .services()
                                .inNamespace(Larder.NAMESPACE)
                                .withName("larder-operator")
                                .get()
                        != null);
        argo.awaitHealthy(CHART, git.head());
    }

    private void cacheTurnedOff_isPruned() {
        Edits.edit(argo.application(CHART), application -> {
            Map<String, Object> values = application.get("spec", "source", "helm", "valuesObject", "registryCache");
            values.put("create", false);
            values.put("spec", Map.of());
            return application;
        });
        Await.until(
                "the end of the RegistryCache",
                SOON,
                () -> resource("RegistryCache", "default").get() == null);
        grounds.awaitNodeAsItWas();
        argo.awaitHealthy(CHART, git.head());
    }

    private void resources_comeFromGitInOrder() throws IOException {
        git.write(CACHE_FILE, resource("RegistryCache", "default", 0, spec("5m")));
        git.write(
                "larder/mirroredimage.yaml",
                resource(
                        "MirroredImage",
                        "argo",
                        1,
                        Map.of("source", "docker.io/larder/argo", "tags", Map.of("include", List.of("1")))));
        String commit = git.commit("Cache docker.io, mirror an image");
        apply("resources.yaml", application -> {});
        argo.awaitHealthy(RESOURCES, commit);
        assertThat(created("MirroredImage", "argo")).isAfterOrEqualTo(readySince());
        assertThat(grounds.entry()).exists();
    }

    private void revert_isTheWayBack() {
        Optional<Object> before = cacheSpec();
        git.write(CACHE_FILE, resource("RegistryCache", "default", 0, spec("9m")));
        String changed = git.commit("Believe tags for longer");
        argo.awaitHealthy(RESOURCES, changed);
        assertThat(cacheSpec().toString()).contains("9m");
        argo.awaitHealthy(RESOURCES, git.revert());
        assertThat(cacheSpec()).isEqualTo(before);
    }

    private void removedFile_givesTheNodeBack() {
        git.remove(CACHE_FILE);
        git.commit("Cache nothing");
        argo.refresh(RESOURCES);
        Await.until(
                "the end of the RegistryCache",
                SOON,
                () -> resource("RegistryCache", "default").get() == null);
        grounds.awaitNodeAsItWas();
        argo.awaitHealthy(RESOURCES, git.revert());
        assertThat(grounds.entry()).exists();
    }

    private void applicationsDeleted_leaveNothingButTheKinds() {
        argo.delete(RESOURCES);
        argo.delete(CHART);
        grounds.awaitNodeAsItWas();
        grounds.awaitNoObjectOfOurs();
        // Argo CD takes away no CRD, and so nobody else's resources with it.
        assertThat(grounds.kubectl("get", "crd", "--output", "name").run())
                .contains("registrycaches.larder.dev", "mirroredimages.larder.dev");
    }

    /** What a sync that nobody asked for would change. */
    private record Seen(
            Optional<String> lastSync, Optional<String> history, long cacheGeneration, long operatorGeneration) {}

    private static Seen seen() {
        return new Seen(
                argo.status(CHART, "operationState.finishedAt"),
                argo.status(CHART, "history"),
                resource("RegistryCache", "default").get().getMetadata().getGeneration(),
                operator().getMetadata().getGeneration());
    }

    /** Applies what we ship, with our repository in it. */
    private static void apply(String file, Consumer<GenericKubernetesResource> change) throws IOException {
        GenericKubernetesResource application = grounds.client()
                .getKubernetesSerialization()
                .unmarshal(Files.readString(SHIPPED.resolve(file)), GenericKubernetesResource.class);
        Map<String, Object> source = application.get("spec", "source");
        source.put("repoURL", git.url());
        source.put("targetRevision", git.branch());
        change.accept(application);
        grounds.client().resource(application).create();
    }

    private static Map<String, Object> spec(String freshFor) {
        return Map.of(
                "registries",
                List.of(Map.of(
                        "host",
                        "docker.io",
                        "upstreams",
                        List.of(Map.of("url", upstream.url().toString())),
                        "tags",
                        List.of(Map.of("pattern", "*", "freshFor", freshFor)))),
                "storage",
                Map.of("minFree", "1Gi"));
    }

    private static String resource(String kind, String name, int wave, Map<String, Object> spec) {
        return grounds.client()
                .getKubernetesSerialization()
                .asYaml(Map.of(
                        "apiVersion",
                        "larder.dev/v1alpha1",
                        "kind",
                        kind,
                        "metadata",
                        Map.of(
                                "name",
                                name,
                                "annotations",
                                Map.of("argocd.argoproj.io/sync-wave", Integer.toString(wave))),
                        "spec",
                        spec));
    }

    private static Resource<GenericKubernetesResource> resource(String kind, String name) {
        return grounds.client()
                .genericKubernetesResources("larder.dev/v1alpha1", kind)
                .withName(name);
    }

    private static Optional<Object> cacheSpec() {
        return Optional.ofNullable(resource("RegistryCache", "default").get())
                .map(cache -> cache.getAdditionalProperties().get("spec"));
    }

    private static Instant created(String kind, String name) {
        return Instant.parse(resource(kind, name).get().getMetadata().getCreationTimestamp());
    }

    private static Instant readySince() {
        return Instant.parse(
                grounds.larder().condition("default", "Ready").orElseThrow().lastTransitionTime());
    }

    private static Deployment operator() {
        return grounds.client()
                .apps()
                .deployments()
                .inNamespace(Larder.NAMESPACE)
                .withName("larder-operator")
                .get();
    }

    private static Instant operatorAvailableSince() {
        return operator().getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals("Available"))
                .map(condition -> Instant.parse(condition.getLastTransitionTime()))
                .findFirst()
                .orElseThrow();
    }
}
