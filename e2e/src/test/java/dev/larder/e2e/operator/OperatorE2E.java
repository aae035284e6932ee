package dev.larder.e2e.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.crds.v1alpha1.RegistryCacheSpec;
import dev.larder.e2e.OnlyLate;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Ports;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetStatusBuilder;
import io.fabric8.kubernetes.api.model.events.v1.Event;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the operator does with a RegistryCache, with its real rights, against a real API server. */
class OperatorE2E {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int WINDOWS = 3;
    private static final Pattern WRITE = Pattern.compile(
            "apiserver_request_total\\{.*resource=\"(registrycaches|daemonsets|configmaps|services|serviceaccounts|pods"
                    + "|events)\".*verb=\"(APPLY|PATCH|PUT|POST|DELETE)\"}? ?.*\\s([0-9.e+]+)");

    @SuppressWarnings("NullAway.Init")
    private static ApiServer api;

    @SuppressWarnings("NullAway.Init")
    private static OperatorProgram operator;

    private final String name = "c" + ThreadLocalRandom.current().nextInt(1000, 9999);

    private int port;

    @BeforeAll
    static void start() throws IOException {
        api = ApiServer.start();
        operator = new OperatorProgram("operator-1", api).start();
    }

    @AfterAll
    static void stop() {
        operator.close();
        api.close();
    }

    @BeforeEach
    void choosePort() throws IOException {
        port = Ports.free();
    }

    @AfterEach
    void clean() {
        client().resources(RegistryCache.class).delete();
        until(
                "the resources' end",
                () -> client().resources(RegistryCache.class).list().getItems().isEmpty());
        client().apps().daemonSets().inNamespace(ApiServer.NAMESPACE).delete();
    }

    @Test
    void servingNodes_makeItReady_andThenNothingIsWritten() throws IOException {
        apply("");
        try (PlayedNode one = node(1);
                PlayedNode two = node(2)) {
            deploy(2);
            one.runPod();
            two.runPod();
            until("Ready", () -> condition("Ready").status() == Condition.Status.True);
            assertThat(condition("Ready").message()).isEqualTo("2 of 2 nodes serve pulls from their cache");
            assertThat(condition("ContainerdConfigured").status()).isEqualTo(Condition.Status.True);
            one.served(100, 87);
            until("the hit ratio", () -> "87%".equals(status().hitRatio1h()));
            assertThat(api.kubectl("get", "rcache", name)
                            .output()
                            .lines()
                            .toList()
                            .getLast())
                    .containsPattern(name + " +True +Serving +2 +2 +2 +87% +\\d+[ms]");
            assertThat(operator.residentMebibytes()).isLessThan(256);
            double written = writtenInAWindow();
            for (int window = 1; written > 0 && window < WINDOWS; window++) {
                written = writtenInAWindow(); // what was still to be said is over by then
            }
            assertThat(written).isZero();
        }
    }

    @Test
    void nodesOfTheVersionBefore_areAskedAsTheyWere_whileNewOnesAreAskedOverTls() throws IOException {
        apply("");
        try (PlayedNode updated = node(1);
                PlayedNode before = node(2)) {
            deploy(2);
            before.runPodOfTheVersionBefore();
            updated.runPod();
            until("Ready", () -> condition("Ready").status() == Condition.Status.True);
            assertThat(condition("Ready").message()).isEqualTo("2 of 2 nodes serve pulls from their cache");
            assertThat(events("DegradedNodesFailing"))
                    .filteredOn(event -> !OnlyLate.says(event))
                    .isEmpty();
        }
    }

    @Test
    void changedConfig_isToldToPods_withoutRestartingThem() throws IOException {
        apply("");
        until("the configuration", () -> !revision().isEmpty());
        AtomicReference<String> loaded = new AtomicReference<>(revision());
        try (PlayedNode one = new PlayedNode(client(), 1, name, port, loaded::get)) {
            deploy(1);
            one.runPod();
            until("Ready", () -> condition("Ready").status() == Condition.Status.True);
            long generation = daemonSet().getMetadata().getGeneration();
            String before = revision();
            apply("  tags: [{pattern: \"*\", freshFor: 1m}]");
            until("a new configuration", () -> !revision().equals(before));
            until("the word to the pod", () -> one.podAnnotation("larder.dev/config-revision")
                    .equals(revision()));
            // The pods are told before the status says so.
            until("Progressing", () -> condition("Ready").reason().equals("Progressing"));
            loaded.set(revision());
            until(
                    "Ready again",
                    () -> condition("Ready").status() == Condition.Status.True
                            && revision().equals(status().configRevision()));
            assertThat(daemonSet().getMetadata().getGeneration()).isEqualTo(generation);
        }
    }

    @Test
    void whatOthersChange_isPutRight_andWhatTheyAddStays() {
        apply("");
        until("the DaemonSet", () -> findDaemonSet() != null);
        client().resource(daemonSet()).edit(found -> found.edit()
                .editMetadata()
                .addToAnnotations("somebody", "else")
                .endMetadata()
                .editSpec()
                .editTemplate()
                .editSpec()
                .withHostNetwork(false)
                .endSpec()
                .endTemplate()
                .endSpec()
                .build());
        until(
                "the repair",
                () -> Boolean.TRUE.equals(
                        daemonSet().getSpec().getTemplate().getSpec().getHostNetwork()));
        assertThat(daemonSet().getMetadata().getAnnotations()).containsEntry("somebody", "else");
    }

    @Test
    void containerdThatDoesNotReadTheEntries_isNamedWithFileAndLine() throws IOException {
        apply("");
        try (PlayedNode one = node(1)) {
            one.configPath("/etc/containerd/certs.d:/etc/docker/certs.d");
            deploy(1);
            one.runPod();
            until(
                    "the verdict",
                    () -> condition("ContainerdConfigured").reason().equals("ConfigPathNotUsed"));
            assertThat(condition("ContainerdConfigured").message())
                    .startsWith("node1: containerd 2.3 does not read the list")
                    .contains("In /etc/containerd/config.toml write")
                    .contains("config_path = \"/etc/containerd/certs.d\"");
            assertThat(condition("Ready").reason()).isEqualTo("NodesFailing");
            until(
                    "the event",
                    () -> events("ContainerdConfiguredConfigPathNotUsed").size() == 1);
            // The same trouble again is counted on the first event.
            one.configPath("/etc/containerd/certs.d");
            until("Ready", () -> condition("Ready").status() == Condition.Status.True);
            one.configPath("/etc/containerd/certs.d:/etc/docker/certs.d");
            until("the count", () -> Optional.ofNullable(events("ContainerdConfiguredConfigPathNotUsed")
                            .getFirst()
                            .getSeries())
                    .filter(series -> series.getCount() == 2)
                    .isPresent());
        }
    }

    @Test
    void deletion_waitsForANodeThatWentAway() throws IOException {
        apply("");
        try (PlayedNode one = node(1)) {
            deploy(1);
            one.runPod();
            until("Ready", () -> condition("Ready").status() == Condition.Status.True);
            assertThat(cache().require().getFinalizers()).isEmpty();
            one.answers(false);
            until("the finalizer", () -> cache().require().hasFinalizer("larder.dev/restore-nodes"));
            cache().delete();
            until("the wait", () -> condition("Ready").reason().equals("Deleting"));
            assertThat(condition("Ready").message()).contains("node1").contains("remove the finalizer");
            assertThat(config()).contains("manage: false");
            one.answers(true);
            until("the end", () -> cache().get() == null);
        }
    }

    @Test
    void apiServerAway_operatorGoesOnAfterwards() {
        apply("");
        until("the DaemonSet", () -> findDaemonSet() != null);
        api.stop();
        pause(Duration.ofSeconds(3));
        api.startAgain();
        String before = revision();
        apply("  access: Anonymous");
        until("the new configuration", Duration.ofMinutes(3), () -> {
            if (!operator.running()) {
                operator.start(); // as the kubelet does; a start that took long has cost it the lease
            }
            return !revision().equals(before);
        });
    }

    @Test
    void leaderGone_secondTakesOver_andEachEndsOnTerm() throws IOException {
        apply("");
        until("the DaemonSet", () -> findDaemonSet() != null);
        try (OperatorProgram second = new OperatorProgram("operator-2", api).start()) {
            String before = revision();
            operator.signal("TERM");
            Await.until("the end of the first", Duration.ofSeconds(15), () -> !operator.running());
            apply("  access: Anonymous");
            until("the second's configuration", () -> !revision().equals(before));
            operator.start();
            second.signal("TERM");
            Await.until("the end of the second", Duration.ofSeconds(15), () -> !second.running());
        }
        String before = revision();
        apply("  access: Relay");
        until("the first's configuration", () -> !revision().equals(before));
    }

    @Test
    void metricsAndHealth_answer() {
        apply("");
        until("the DaemonSet", () -> findDaemonSet() != null);
        until("a second reconcile by the timer", () -> operator.text("/q/metrics")
                .contains("reconciliations_success_total{controller_name=\"registrycache\""));
        assertThat(operator.text("/q/metrics")).contains("events_received_total");
        assertThat(operator.get("/q/health/live")).isEqualTo(200);
        assertThat(operator.log()).doesNotContain("Exception in thread").doesNotContain("forbidden");
    }

    private PlayedNode node(int number) {
        return new PlayedNode(client(), number, name, port, this::revision);
    }

    /** Plays the DaemonSet's controller. */
    private void deploy(int nodes) {
        until("the DaemonSet", () -> findDaemonSet() != null);
        client().resource(daemonSet()).editStatus(found -> found.edit()
                .withStatus(new DaemonSetStatusBuilder()
                        .withCurrentNumberScheduled(nodes)
                        .withDesiredNumberScheduled(nodes)
                        .withNumberMisscheduled(0)
                        .withNumberReady(nodes)
                        .withUpdatedNumberScheduled(nodes)
                        .withObservedGeneration(found.getMetadata().getGeneration())
                        .build())
                .build());
    }

    private void apply(String more) {
        RegistryCache cache = new RegistryCache();
        cache.getMetadata().setName(name);
        cache.setSpec(Serialization.unmarshal(
                "registries:\n- host: docker.io\n" + more + "\nports: {admin: " + port + "}\n",
                RegistryCacheSpec.class));
        client().resource(cache).fieldManager("test").forceConflicts().serverSideApply();
    }

    private Resource<RegistryCache> cache() {
        return client().resources(RegistryCache.class).withName(name);
    }

    private dev.larder.crds.v1alpha1.RegistryCacheStatus status() {
        return Objects.requireNonNull(cache().require().getStatus());
    }

    private Condition condition(String type) {
        return Optional.ofNullable(cache().require().getStatus())
                .flatMap(status -> status.conditions().stream()
                        .filter(condition -> condition.type().equals(type))
                        .findFirst())
                .orElseGet(() -> new Condition(type, Condition.Status.Unknown, 0L, "", "None", ""));
    }

    private DaemonSet daemonSet() {
        return Objects.requireNonNull(findDaemonSet());
    }

    private @Nullable DaemonSet findDaemonSet() {
        return client().apps()
                .daemonSets()
                .inNamespace(ApiServer.NAMESPACE)
                .withName("larder-" + name)
                .get();
    }

    private String config() {
        ConfigMap found = client().configMaps()
                .inNamespace(ApiServer.NAMESPACE)
                .withName("larder-" + name)
                .get();
        return found == null ? "" : Objects.requireNonNullElse(found.getData().get("config.yaml"), "");
    }

    private String revision() {
        return config().lines()
                .filter(line -> line.startsWith("revision: "))
                .map(line -> line.replaceAll("revision: |\"", ""))
                .findFirst()
                .orElse("");
    }

    private List<Event> events(String reason) {
        return client().events().v1().events().inNamespace("default").list().getItems().stream()
                .filter(event -> event.getReason().equals(reason)
                        && name.equals(event.getRegarding().getName()))
                .toList();
    }

    /** More than one periodic look passes in it. */
    private static double writtenInAWindow() {
        double before = writes();
        pause(Duration.ofSeconds(65));
        return writes() - before;
    }

    private static double writes() {
        String metrics = client().raw("/metrics");
        return metrics.lines()
                .map(WRITE::matcher)
                .filter(java.util.regex.Matcher::find)
                .mapToDouble(matcher -> Double.parseDouble(matcher.group(3)))
                .sum();
    }

    private static KubernetesClient client() {
        return api.client();
    }

    private static void until(String what, BooleanSupplier reached) {
        until(what, SOON, reached);
    }

    private static void until(String what, Duration limit, BooleanSupplier reached) {
        Await.until(
                what,
                limit,
                reached,
                () -> "The operator's log ends with:\n"
                        + operator.log()
                                .lines()
                                .filter(line -> !line.startsWith("\tat "))
                                .reduce("", (tail, line) -> (tail + "\n" + line)
                                        .substring(Math.max(0, tail.length() - 3000))));
    }

    /** Lets time pass in which something must not happen. */
    private static void pause(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        Await.until("the time", time.plusSeconds(5), () -> System.nanoTime() > end);
    }
}
