package dev.larder.e2e.operator;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.larder.e2e.install.JobsSecret;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * A node that the test plays: its Node object, a node-cache pod on it and that pod's status, on a loopback address of its
 * own. It tells it over TLS to the operator alone, or as node caches did before.
 */
final class PlayedNode implements AutoCloseable {

    private final KubernetesClient client;
    private final String name;
    private final String registryCache;
    private final String address;
    private final int adminPort;
    private @Nullable HttpServer server;
    private @Nullable HttpHandler jobs;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Supplier<String> revision;
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong hits = new AtomicLong();
    private final AtomicReference<Supplier<String>> mirror = new AtomicReference<>(() -> "{}");
    private final AtomicReference<String> configPath = new AtomicReference<>("/etc/containerd/certs.d");

    /**
     * @param adminPort of the RegistryCache; the listener for the operator is the next
     * @param revision what the node cache says it has loaded
     */
    PlayedNode(KubernetesClient client, int number, String registryCache, int adminPort, Supplier<String> revision) {
        this.client = client;
        this.name = "node" + number;
        this.registryCache = registryCache;
        this.address = "127.0.7." + number;
        this.revision = revision;
        this.adminPort = adminPort;
        client.resource(node()).create();
        answers(true);
    }

    String name() {
        return name;
    }

    /** Whether the kubelet reports. */
    void answers(boolean yes) {
        client.resource(node().edit()
                        .withNewStatus()
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus(yes ? "True" : "Unknown")
                        .withReason("Played")
                        .withMessage("")
                        .withLastTransitionTime(Instant.now().toString())
                        .endCondition()
                        .withNewNodeInfo()
                        .withContainerRuntimeVersion("containerd://2.3.7")
                        .withArchitecture("amd64")
                        .withOperatingSystem("linux")
                        .withBootID("")
                        .withKernelVersion("")
                        .withKubeProxyVersion("")
                        .withKubeletVersion("")
                        .withMachineID("")
                        .withOsImage("")
                        .withSystemUUID("")
                        .endNodeInfo()
                        .endStatus()
                        .build())
                .patchStatus();
    }

    void served(long more, long hitsAmongThem) {
        requests.addAndGet(more);
        hits.addAndGet(hitsAmongThem);
    }

    /** What its {@code /status} says of mirrored tags, as JSON. */
    void mirrors(Supplier<String> json) {
        mirror.set(json);
    }

    /** What it answers to the operator's questions, beside its status; before its pod runs. */
    void answers(HttpHandler questions) {
        jobs = questions;
    }

    /** What containerd's own configuration says about where hosts.toml is read from. */
    void configPath(String raw) {
        configPath.set(raw);
    }

    /** As the kubelet would have it once the pod runs; the operator has made the certificates by now. */
    void runPod() throws IOException {
        HttpsServer listener = HttpsServer.create(new InetSocketAddress(address, adminPort + 1), 16);
        listener.setHttpsConfigurator(new HttpsConfigurator(JobsSecret.NODE_CACHE.context(client)) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters wanted = getSSLContext().getDefaultSSLParameters();
                wanted.setNeedClientAuth(true);
                parameters.setSSLParameters(wanted);
            }
        });
        listener.setExecutor(threads);
        if (jobs != null) {
            listener.createContext("/", jobs);
        }
        serve(listener, "/jobs/v1/status");
        run(Map.of("larder.dev/status-by", "jobs"));
    }

    /** The same of a version that told its status to everybody. */
    void runPodOfTheVersionBefore() throws IOException {
        serve(HttpServer.create(new InetSocketAddress(address, adminPort), 16), "/status");
        run(Map.of());
    }

    private void serve(HttpServer listener, String path) {
        listener.createContext(path, this::status);
        listener.start();
        server = listener;
    }

    private void run(Map<String, String> annotations) {
        Pod pod = client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(podName())
                        .withNamespace(ApiServer.NAMESPACE)
                        .withLabels(Map.of(
                                "app.kubernetes.io/name",
                                "larder-node-cache",
                                "app.kubernetes.io/instance",
                                registryCache))
                        .withAnnotations(annotations)
                        .endMetadata()
                        .withNewSpec()
                        .withNodeName(name)
                        .addNewContainer()
                        .withName("node-cache")
                        .withImage("played")
                        .endContainer()
                        .addNewContainer()
                        .withName("hosts-writer")
                        .withImage("played")
                        .endContainer()
                        .endSpec()
                        .build())
                .create();
        client.resource(pod.edit()
                        // The operator may annotate the pod at the same time.
                        .editMetadata()
                        .withResourceVersion(null)
                        .endMetadata()
                        .withNewStatus()
                        .withPhase("Running")
                        .withPodIP(address)
                        .addNewPodIP(address)
                        .addNewCondition()
                        .withType("Ready")
                        .withStatus("True")
                        .endCondition()
                        .withContainerStatuses(running("node-cache"), running("hosts-writer"))
                        .endStatus()
                        .build())
                .patchStatus();
    }

    String podAnnotation(String key) {
        Pod pod = client.pods()
                .inNamespace(ApiServer.NAMESPACE)
                .withName(podName())
                .require();
        return pod.getMetadata().getAnnotations().getOrDefault(key, "");
    }

    private String podName() {
        return "larder-" + registryCache + "-" + name;
    }

    private Node node() {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("kubernetes.io/os", "linux"))
                .endMetadata()
                .build();
    }

    private static ContainerStatus running(String container) {
        return new ContainerStatusBuilder()
                .withName(container)
                .withImage("played")
                .withImageID("played")
                .withReady(true)
                .withRestartCount(0)
                .withNewState()
                .withNewRunning()
                .withStartedAt(Instant.now().toString())
                .endRunning()
                .endState()
                .build();
    }

    private void status(HttpExchange exchange) throws IOException {
        byte[] body = """
                {"version": "0.1.0", "node": "%1$s", "resource": "%2$s", "ready": true,
                 "config": {"revision": "%3$s", "problems": []},
                 "storage": {"path": "/var/lib/larder", "writable": true, "message": ""},
                 "registries": [{"host": "docker.io", "requests": %4$d, "hits": %5$d, "rateLimitRemaining": 97,
                   "upstreams": [{"url": "https://registry-1.docker.io", "state": "Up", "credentials": "Unknown"}]}],
                 "mirror": %7$s,
                 "hostsWriter": {"manage": true, "revision": "%3$s", "cacheAnswers": true, "message": "",
                   "configPath": {"raw": "%6$s", "source": "/etc/containerd/config.toml", "used": "/etc/containerd/certs.d",
                     "localPullForced": false, "configVersion": 3, "mirrorsSection": false},
                   "registries": [{"host": "docker.io", "state": "Present", "message": ""}], "restored": false}}
                """.formatted(
                        name,
                        registryCache,
                        revision.get(),
                        requests.get(),
                        hits.get(),
                        configPath.get(),
                        mirror.get().get())
                .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
        }
        threads.shutdownNow();
        client.pods()
                .inNamespace(ApiServer.NAMESPACE)
                .withName(podName())
                .withGracePeriod(0)
                .delete();
        client.nodes().withName(name).delete();
    }
}
