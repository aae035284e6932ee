package dev.larder.operator.mirroredimage;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsServer;
import dev.larder.crds.v1alpha1.Condition;
import dev.larder.crds.v1alpha1.MirroredImage;
import dev.larder.crds.v1alpha1.MirroredImageStatus;
import dev.larder.crds.v1alpha1.MirroredTagStatus;
import dev.larder.crds.v1alpha1.RegistryCache;
import dev.larder.nodecache.config.KeepRule;
import dev.larder.nodecache.config.MirrorReader;
import dev.larder.nodecache.config.MirrorShard;
import dev.larder.operator.Edits;
import dev.larder.operator.events.EventRecorder;
import dev.larder.operator.metrics.ResourceMetrics;
import dev.larder.operator.nodes.JobClient;
import dev.larder.operator.nodes.NodeCacheClient;
import dev.larder.operator.registrycache.desired.Names;
import dev.larder.operator.tls.JobCertificates;
import dev.larder.operator.tls.JobEndpoint;
import dev.larder.operator.tls.NodeConnections;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.Operator;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.awaitility.core.ConditionFactory;

/**
 * The reconciler with the real operator SDK against a server that only stores objects, and one node cache that is played:
 * it answers over the real certificates, and has every table at once.
 */
final class PlayedMirror implements AutoCloseable {

    static final String NAMESPACE = "larder-system";

    final KubernetesClient client;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();
    /** What the upstream has: digests by image and tag. */
    final Map<String, String> upstream = new ConcurrentHashMap<>();

    final ResourceMetrics metrics = new ResourceMetrics();
    final List<String> asked = new CopyOnWriteArrayList<>();

    /** What is ordered, and the answers to come; without one all is well. */
    final List<String> orders = new CopyOnWriteArrayList<>();

    /** What the node caches say of waiting tags, as fields of JSON, and all their names. */
    volatile String waiting = "\"waiting\": []";

    volatile String names = "";

    /** The one registry of the node caches. */
    volatile String serves = "docker.io";

    final Queue<Answer> answers = new ConcurrentLinkedQueue<>();

    record Answer(int status, String body) {}

    static final Answer DONE = new Answer(200, "{\"done\":true,\"bytes\":10}");
    static final Answer GOING_ON = new Answer(200, "{\"done\":false,\"bytes\":5}");
    static final Answer DOWN = new Answer(503, "{\"error\":\"t.test answered 503\",\"code\":\"UNAVAILABLE\"}");

    private final Operator operator;
    private final HttpsServer jobs;

    PlayedMirror(KubernetesClient client) throws Exception {
        this.client = client;
        client.getConfiguration().setNamespace(NAMESPACE);
        Clock clock = Clock.systemUTC();
        JobCertificates certificates = new JobCertificates(client, NAMESPACE, clock);
        certificates.ensure();
        jobs = JobEndpoint.start(client, NAMESPACE, this::answerJob);
        nodeCache("node1");
        NodeConnections connections = new NodeConnections(certificates::ensure, threads);
        operator = new Operator(overrider -> overrider
                .withKubernetesClient(client)
                .withCloseClientOnStop(false)
                .withUseSSAToPatchPrimaryResource(false));
        operator.register(new MirroredImageReconciler(
                new MirrorParts(
                        client,
                        NAMESPACE,
                        new NodeCacheClient(connections, http, threads, Duration.ofSeconds(2)),
                        new JobClient(connections),
                        threads),
                new EventRecorder(client, clock, "test"),
                metrics,
                clock));
        operator.start();
    }

    /** One more node cache, on a node that the API server knows once it is told of it. */
    void nodeCache(String node) {
        client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName("larder-default-" + node)
                        .withNamespace(NAMESPACE)
                        .withLabels(Names.labels("default"))
                        .addToAnnotations(Names.STATUS_BY, Names.STATUS_BY_JOBS)
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(node)
                        .endSpec()
                        .withNewStatus()
                        .withPhase("Running")
                        .withPodIP("127.0.0.1")
                        .endStatus()
                        .build())
                .create();
    }

    void node(String name, Map<String, String> labels) {
        client.resource(new NodeBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withLabels(labels)
                        .endMetadata()
                        .build())
                .create();
    }

    @Override
    public void close() {
        operator.stop();
        jobs.stop(0);
        http.shutdownNow();
        threads.shutdownNow();
    }

    private void answerJob(HttpExchange exchange) throws IOException {
        if (exchange.getRequestURI().getPath().equals("/jobs/v1/status")) {
            answerStatus(exchange);
            return;
        }
        if (exchange.getRequestMethod().equals("POST")) {
            String order = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            orders.add(exchange.getRequestURI().getPath() + " " + order);
            Answer answer = Objects.requireNonNullElse(
                    answers.poll(), order.contains("\"wanted\"") ? new Answer(200, "{\"untagged\":\"GONE\"}") : DONE);
            send(exchange, answer.status(), answer.body());
            return;
        }
        String image = exchange.getRequestURI().getQuery().substring("image=".length());
        asked.add(exchange.getRequestURI().getPath() + " " + image);
        boolean list = exchange.getRequestURI().getPath().equals("/jobs/v1/tags");
        if (list) {
            List<String> tags = upstream.keySet().stream()
                    .map(name -> "\"" + name.substring(name.indexOf(':') + 1) + "\"")
                    .toList();
            send(exchange, 200, "{\"tags\":" + tags + "}");
        } else if (upstream.containsKey(image)) {
            send(exchange, 200, "{\"digest\":\"" + upstream.get(image) + "\"}");
        } else {
            send(exchange, 404, "{\"error\":\"no such manifest\",\"code\":\"MANIFEST_UNKNOWN\"}");
        }
    }

    private void answerStatus(HttpExchange exchange) throws IOException {
        StringBuilder revisions = new StringBuilder();
        for (int shard = 0; shard < Names.MIRROR_SHARDS; shard++) {
            ConfigMap table = client.configMaps()
                    .inNamespace(NAMESPACE)
                    .withName(Names.mirrorTable(shard))
                    .get();
            if (table != null) {
                String file = Names.mirrorFile(shard);
                revisions
                        .append(revisions.isEmpty() ? "" : ",")
                        .append("\"" + file + "\":\""
                                + MirrorReader.parse(Objects.requireNonNull(
                                                table.getData().get(file)))
                                        .revision() + "\"");
            }
        }
        nodesFile().ifPresent(file -> revisions
                .append(revisions.isEmpty() ? "" : ",")
                .append("\"" + Names.NODES_FILE + "\":\"" + file.revision() + "\""));
        boolean asked = String.valueOf(exchange.getRequestURI().getQuery()).startsWith("waiting=");
        send(exchange, 200, """
                {"ready": true, "registries": [{"host": "%s"}], "mirror": {"revisions": {%s}, %s %s}}
                """.formatted(
                serves, revisions, waiting, asked && !names.isEmpty() ? ", \"waitingNames\": \"" + names + "\"" : ""));
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    void cache() {
        RegistryCache cache = new RegistryCache();
        cache.getMetadata().setName("default");
        cache.setSpec(client.getKubernetesSerialization()
                .unmarshal(
                        "ports: {jobs: " + jobs.getAddress().getPort() + "}",
                        dev.larder.crds.v1alpha1.RegistryCacheSpec.class));
        client.resource(cache).create();
    }

    void apply(String name, String spec) {
        MirroredImage image = Specs.image(name, "", spec);
        image.getMetadata().setUid(null);
        image.getMetadata().setCreationTimestamp(null);
        client.resource(image).create();
    }

    void edit(String name, java.util.function.Consumer<MirroredImage> change) {
        Edits.edit(client.resources(MirroredImage.class).withName(name), image -> {
            change.accept(image);
            return image;
        });
    }

    static ConditionFactory await(String what) {
        return org.awaitility.Awaitility.await(what).atMost(Duration.ofSeconds(60));
    }

    Optional<Condition> condition(String name, String type) {
        return Optional.ofNullable(
                        client.resources(MirroredImage.class).withName(name).get())
                .map(MirroredImage::getStatus)
                .flatMap(status -> status.conditions().stream()
                        .filter(condition -> condition.type().equals(type))
                        .findFirst());
    }

    void is(String name, String type, Condition.Status status) {
        await(type + " " + status).until(() -> condition(name, type)
                .filter(condition -> condition.status() == status)
                .isPresent());
    }

    Optional<MirroredTagStatus> tag(String name) {
        return Optional.ofNullable(
                        client.resources(MirroredImage.class).withName(name).get())
                .map(MirroredImage::getStatus)
                .flatMap(status -> status.tags().stream().findFirst());
    }

    /** Which nodes keep what. */
    Optional<MirrorShard> nodesFile() {
        return Optional.ofNullable(client.configMaps()
                        .inNamespace(NAMESPACE)
                        .withName(Names.MIRROR_NODES)
                        .get())
                .map(map ->
                        MirrorReader.parse(Objects.requireNonNull(map.getData().get(Names.NODES_FILE))));
    }

    /** Of the file beside the table's. */
    List<KeepRule> rules() {
        int shard = TagTable.shardOf(Specs.SOURCE);
        ConfigMap table = client.configMaps()
                .inNamespace(NAMESPACE)
                .withName(Names.mirrorTable(shard))
                .require();
        return MirrorReader.parse(Objects.requireNonNull(table.getData().get(Names.keepFile(shard))))
                .rules();
    }

    String nodes(String name) {
        return Optional.ofNullable(
                        client.resources(MirroredImage.class).withName(name).get())
                .map(MirroredImage::getStatus)
                .map(MirroredImageStatus::nodes)
                .orElse("");
    }

    Optional<MirrorShard> table() {
        int shard = TagTable.shardOf(Specs.SOURCE);
        return Optional.ofNullable(client.configMaps()
                        .inNamespace(NAMESPACE)
                        .withName(Names.mirrorTable(shard))
                        .get())
                .map(map ->
                        MirrorReader.parse(Objects.requireNonNull(map.getData().get(Names.mirrorFile(shard)))));
    }
}
