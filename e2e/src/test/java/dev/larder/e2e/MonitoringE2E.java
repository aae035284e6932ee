package dev.larder.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.e2e.cluster.Edits;
import dev.larder.e2e.cluster.NativeNode;
import dev.larder.e2e.install.Larder;
import dev.larder.e2e.install.NodeCache;
import dev.larder.e2e.monitoring.Alerts;
import dev.larder.e2e.monitoring.Dashboards;
import dev.larder.e2e.monitoring.Prometheus;
import dev.larder.e2e.monitoring.PrometheusFiles;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.pull.Puller;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.PrometheusTools;
import dev.larder.e2e.upstream.Fault;
import dev.larder.e2e.upstream.Login;
import dev.larder.e2e.upstream.PrivateRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A real Prometheus sees Larder: every target, what pulls cost, what the dashboards ask for, and each alert that something
 * broken is to raise. The last tests look at what the ones before have left in it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class MonitoringE2E {
    private static final String NODE = "node1";
    private static final Login RIGHT = new Login("robot", "the-right-password");
    private static final Login WRONG = new Login("robot", "a-wrong-password");
    private static final Duration SOON = Duration.ofMinutes(3);
    private static final Duration HELD = Duration.ofSeconds(20);
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final int PULLS = 5;
    private static final Pattern METRIC =
            Pattern.compile("(?<![:\\w\"])((?:larder|reconciliations)_[a-z_]+)(?![\\w:])");

    private final Stage stage = Stage.shared();
    private final Larder larder = stage.larder();
    private final NativeNode node = stage.cluster().node(NODE);
    private final Alerts rules = Alerts.of(PrometheusFiles.rules());

    @SuppressWarnings("NullAway.Init")
    private PrivateRegistry registry;

    @SuppressWarnings("NullAway.Init")
    private SharedLogin login;

    @SuppressWarnings("NullAway.Init")
    private Prometheus prometheus;

    @BeforeAll
    void start() {
        PrometheusTools tools = PrometheusTools.prepare(CacheFolder.ofEnvironment(), new Progress(System.out));
        registry = PrivateRegistry.ofPassword(stage.cluster(), RIGHT);
        login = new SharedLogin(stage, registry, "monitored-login");
        login.give(RIGHT);
        login.apply();
        mirror("monitored", "Automatic");
        mirror("monitored-waits", "Manual");
        prometheus = Prometheus.start(stage.cluster(), tools, rules.impatient("2s", "15s"), INTERVAL);
    }

    @AfterEach
    void whole() {
        stage.upstream().ensureStarted();
        stage.upstream().behave();
    }

    @AfterAll
    void usual() {
        prometheus.stop();
        mirrored("monitored").delete();
        mirrored("monitored-waits").delete();
        registry.stop();
        stage.larder();
    }

    private void mirror(String name, String promotion) {
        String image = stage.newImage("stable", 1_000_000);
        larder.apply("""
                apiVersion: larder.dev/v1alpha1
                kind: MirroredImage
                metadata: {name: %s}
                spec:
                  source: docker.io/%s
                  tags: {include: [stable]}
                  promotion: {mode: %s}
                """.formatted(name, image.substring(0, image.indexOf(':')), promotion));
    }

    private io.fabric8.kubernetes.client.dsl.Resource<MirroredImage> mirrored(String name) {
        return stage.cluster().client().resources(MirroredImage.class).withName(name);
    }

    private void look(String name, String when) {
        Edits.edit(mirrored(name), image -> {
            image.getMetadata().getAnnotations().put(MirroredImage.CHECK_NOW, when);
            return image;
        });
    }

    private NodeCache cache() {
        return stage.cacheOf(NODE);
    }

    /** Has the node's containerd resolve and fetch an image, through its cache as the kubelet would, whatever comes of it. */
    private Command.Result fetch(String image) {
        return node.command(
                        "ctr",
                        "--namespace",
                        "k8s.io",
                        "images",
                        "pull",
                        "--local",
                        "--hosts-dir",
                        "/etc/containerd/certs.d",
                        Puller.canonical(image))
                .result();
    }

    private double value(String expression) {
        return prometheus.value(expression).orElse(0);
    }

    /** Requests for blobs by that selector, also when the last scrape was too slow for its interval. */
    private double blobs(String selector) {
        return value("sum(last_over_time(larder_requests_total{registry=\"docker.io\", kind=\"blob\", " + selector
                + "}[1m]))");
    }

    private boolean fires(String alert, Map<String, String> labels) {
        return prometheus.alerts().stream()
                .anyMatch(one -> one.name().equals(alert)
                        && one.state().equals("firing")
                        && one.labels().entrySet().containsAll(labels.entrySet()));
    }

    /** Returns when the alert fires; {@code meanwhile} is done again and again. */
    private void awaitFiring(String alert, Map<String, String> labels, Runnable meanwhile) {
        Await.until(
                alert,
                SOON,
                () -> {
                    meanwhile.run();
                    return fires(alert, labels);
                },
                () -> "Firing or pending: " + prometheus.alerts());
    }

    private void awaitOver(String alert, Map<String, String> labels, Runnable meanwhile) {
        Await.until(
                "the end of " + alert,
                SOON,
                () -> {
                    meanwhile.run();
                    return prometheus.alerts().stream()
                            .noneMatch(one -> one.name().equals(alert)
                                    && one.labels().entrySet().containsAll(labels.entrySet()));
                },
                () -> "Firing or pending: " + prometheus.alerts());
    }

    @Test
    @Order(1)
    void everyNodeCacheAndTheOperator_areTargetsThatAnswer() {
        prometheus.awaitTargets(stage.cluster().nodes().size() + 1);
        assertThat(prometheus.query("up{job=\"larder-node-cache\", registrycache=\"default\"}"))
                .extracting(sample -> sample.labels().get("node"))
                .containsExactlyInAnyOrderElementsOf(
                        stage.cluster().nodes().stream().map(NativeNode::name).toList());
        assertThat(value("max_over_time(up{job=\"larder-operator\"}[1m])")).isEqualTo(1);
    }

    @Test
    @Order(2)
    void hitRatio_isWhatThePullsCost() {
        String image = stage.newImage(1_000_000, 1_000_000, 1_000_000);
        String repository = image.substring(0, image.indexOf(':'));
        double allBefore = blobs("outcome!=\"refused\"");
        double hitsBefore = blobs("outcome=~\"hit|joined\"");
        stage.upstream().takeTraffic();
        stage.puller().pull(image, NODE);
        for (int pull = 1; pull < PULLS; pull++) {
            stage.puller().pullAfresh(image, NODE);
        }
        long missed = stage.upstream().takeTraffic().blobs().requests().stream()
                .filter(request -> request.call().path().contains(repository))
                .count();
        // The layers and the configuration; another image may have brought the program's layer already.
        assertThat(missed).isBetween(4L, 5L);
        double counted = 1 - missed / (5.0 * PULLS);
        double served = cache().metrics().sum("larder_requests_total", Map.of("kind", "blob", "registry", "docker.io"));
        Await.until("the pulls in Prometheus", SOON, () -> blobs("node=\"" + NODE + "\"") >= served);
        double all = blobs("outcome!=\"refused\"") - allBefore;
        double hits = blobs("outcome=~\"hit|joined\"") - hitsBefore;
        assertThat(hits / all).isCloseTo(counted, within(0.05));
        // Manifests count there too, and rates are estimates.
        assertThat(value("registry:larder_hit_ratio:rate5m{registry=\"docker.io\"}"))
                .isCloseTo(counted, within(0.12));
        assertThat(value("registry:larder_saved_bytes:rate5m{registry=\"docker.io\"}"))
                .isPositive();
        assertThat(value("registry:larder_avoided_requests:rate5m{registry=\"docker.io\"}"))
                .isPositive();
    }

    @Test
    @Order(3)
    void anOutageOfTheUpstream_isToldByWhatItMeansForPulls() {
        String held = stage.newImage("always-held", 1_000_000);
        String missing = stage.newImage(1_000_000);
        assertThat(fetch(held).succeeded()).isTrue();
        Map<String, String> upstream = Map.of("registry", "docker.io");
        Map<String, String> onNode = Map.of("registry", "docker.io", "node", NODE);
        Map<String, String> image = Map.of("name", "monitored", "type", "Checked");
        stage.upstream().stop();
        look("monitored", "in the outage");
        Runnable pulls = () -> {
            fetch(missing);
            // Not at once where the node's entry was withdrawn for a moment, since the machine was busy.
            Await.until("the image that is held", HELD, () -> fetch(held).succeeded());
        };
        awaitFiring("LarderUpstreamDown", upstream, pulls);
        awaitFiring("LarderServingStale", onNode, pulls);
        awaitFiring("LarderMirroredImageFailing", image, pulls);

        stage.upstream().start();
        awaitOver("LarderUpstreamDown", upstream, () -> fetch(held));
        awaitOver("LarderServingStale", onNode, () -> fetch(held));
        look("monitored", "after the outage");
        awaitOver("LarderMirroredImageFailing", image, () -> {});
    }

    @Test
    @Order(4)
    void aLoginThatIsRefused_isTold_untilTheSecretIsRight() {
        var tags = new AtomicInteger();
        // Each has to be asked about upstream, by whichever password the node has by then.
        Runnable pulls = () -> fetch(registry.host() + "/team/monitored:" + tags.incrementAndGet());
        Map<String, String> labels = Map.of("registry", registry.host());
        login.give(WRONG);
        awaitFiring("LarderCredentialInvalid", labels, pulls);
        login.give(RIGHT);
        awaitOver("LarderCredentialInvalid", labels, () -> {});
    }

    @Test
    @Order(5)
    void aNodeCacheThatStaysDown_isToldWithItsNode() {
        Map<String, String> labels = Map.of("node", NODE);
        NodeCache cache = cache();
        cache.killUntilItStaysDown();
        awaitFiring("LarderNodeCacheDown", labels, cache::killUntilItStaysDown);
        awaitFiring(
                "LarderNodeFailing", Map.of("node", NODE, "reason", "CrashLoopBackOff"), cache::killUntilItStaysDown);
        cache.awaitReady();
        awaitOver("LarderNodeCacheDown", labels, () -> {});
        awaitOver("LarderNodeFailing", labels, () -> {});
    }

    @Test
    @Order(6)
    void aRateLimitThatRunsOut_isTold_whileItIsLow() {
        Map<String, String> labels = Map.of("registry", "docker.io");
        limited("larder/limited-low", "22");
        awaitFiring("LarderRateLimitLow", labels, () -> fetch("larder/limited-low:1"));
        limited("larder/limited-high", "90");
        awaitOver("LarderRateLimitLow", labels, () -> fetch("larder/limited-high:1"));
    }

    private void limited(String repository, String remaining) {
        var headers = Map.of("ratelimit-limit", "100;w=21600", "ratelimit-remaining", remaining + ";w=21600");
        stage.upstream().misbehave(call -> call.path().contains(repository), new Fault.Answer(404, headers));
    }

    @Test
    @Order(7)
    void aDiskWithLessFreeThanItShould_isTold() {
        Map<String, String> labels = Map.of("node", NODE);
        larder.apply(login.spec().replace("minFree: 1Gi", "minFree: 99%"));
        awaitFiring("LarderDiskNearlyFull", labels, () -> {});
        // The nodes come to it one by one, and the status with them.
        Await.until("the node in the status", SOON, () -> larder.condition(Stage.RESOURCE, "Degraded")
                .filter(condition -> condition.status() == Condition.Status.True)
                .filter(condition -> Stream.of(NODE, "storage.minFree keeps", "storage.path")
                        .allMatch(condition.message()::contains))
                .isPresent());
        larder.apply(login.spec());
        awaitOver("LarderDiskNearlyFull", labels, () -> {});
        larder.awaitReady(Stage.RESOURCE);
    }

    @Test
    @Order(8)
    void everyQueryOfEveryDashboard_hasAnAnswer() {
        List<Dashboards.Query> unanswered = new ArrayList<>(Dashboards.queries("30m"));
        assertThat(unanswered).hasSizeGreaterThan(50);
        Await.until(
                "an answer to every query",
                SOON,
                () -> {
                    unanswered.removeIf(
                            query -> !prometheus.query(query.expression()).isEmpty());
                    return unanswered.isEmpty();
                },
                () -> "Without any series: " + unanswered);
    }

    @Test
    @Order(9)
    void everyMetricOfARule_exists_andNoRuleIsBroken() {
        Set<String> named = new TreeSet<>();
        rules.expressions()
                .forEach(
                        expression -> METRIC.matcher(expression).results().forEach(match -> named.add(match.group(1))));
        assertThat(named).hasSizeGreaterThan(12);
        named.remove("reconciliations_failure_total"); // the SDK has it from the first failure on
        assertThat(prometheus.metricNames()).containsAll(named);
        assertThat(prometheus.brokenRules()).isEmpty();
    }
}
