package dev.larder.e2e.install;

import dev.larder.e2e.cluster.Cluster;
import dev.larder.e2e.cluster.Node;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.CommandFailure;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.LocalPortForward;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** The pod of one RegistryCache on one node: its containers, its metrics, and what can happen to them. */
public final class NodeCache {
    public static final String CACHE = "node-cache";
    public static final String WRITER = "hosts-writer";
    private static final int ADMIN_PORT = 5152;
    private static final int JOBS_PORT = 5153;
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration KILLED = Duration.ofMinutes(1);
    private static final Duration STAYS_DOWN = Duration.ofMinutes(3);
    /** The kubelet waits for up to five minutes before it starts one again that has ended time after time. */
    private static final Duration START = Duration.ofMinutes(6);
    /** How the kubelet's word on its first back-off begins; each further one is twice as long. */
    private static final String FIRST_BACK_OFF = "back-off 10s";

    private final Cluster cluster;
    private final Node node;
    private final String resource;

    NodeCache(Cluster cluster, Node node, String resource) {
        this.cluster = cluster;
        this.node = node;
        this.resource = resource;
    }

    static List<Pod> pods(KubernetesClient client, String resource) {
        return client.pods().inNamespace(Larder.NAMESPACE).list().getItems().stream()
                .filter(pod -> pod.getMetadata().getOwnerReferences().stream()
                        .anyMatch(owner -> owner.getKind().equals("DaemonSet")
                                && owner.getName().equals("larder-" + resource)))
                .toList();
    }

    public Optional<Pod> pod() {
        return pods(cluster.client(), resource).stream()
                .filter(pod -> node.name().equals(pod.getSpec().getNodeName()))
                .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                .findFirst();
    }

    public boolean ready() {
        return pod().stream()
                .flatMap(pod -> pod.getStatus().getConditions().stream())
                .anyMatch(condition -> condition.getType().equals("Ready")
                        && condition.getStatus().equals("True"));
    }

    public void awaitReady() {
        Await.until("the node cache of " + resource + " on " + node.name() + " being ready", START, this::ready);
    }

    private Optional<ContainerStatus> container(String name) {
        return pod().stream()
                .flatMap(pod -> pod.getStatus().getContainerStatuses().stream())
                .filter(status -> status.getName().equals(name))
                .findFirst();
    }

    public int restarts(String container) {
        return container(container).map(ContainerStatus::getRestartCount).orElse(0);
    }

    public boolean running(String container) {
        return container(container)
                .map(status -> status.getState().getRunning() != null)
                .orElse(false);
    }

    /** Sends a signal such as {@code SIGKILL} to a container's process, as the machine's administrator would. */
    public void signal(String container, String signal) {
        String id = container(container)
                .map(ContainerStatus::getContainerID)
                .map(text -> text.replaceFirst("^containerd://", ""))
                .orElseThrow(() -> new CommandFailure("no container " + container + " runs on " + node.name()));
        node.command("ctr", "--namespace", "k8s.io", "tasks", "kill", "--signal", signal, id)
                .run();
    }

    /** Kills the cache until the kubelet waits for 20 s or longer before it starts it again, and returns then. */
    public void killUntilItStaysDown() {
        Await.until("the kubelet's back-off from the node cache", STAYS_DOWN, () -> {
            if (waiting()) {
                return true;
            }
            if (running(CACHE) && ready()) {
                int before = restarts(CACHE);
                signal(CACHE, "SIGKILL");
                // The first time it is started again at once, and may be ready before anybody has seen it end.
                Await.until(
                        "the end of the killed node cache",
                        KILLED,
                        () -> waiting() || !ready() || restarts(CACHE) > before);
            }
            return waiting();
        });
    }

    private boolean waiting() {
        return container(CACHE)
                .map(status -> status.getState().getWaiting())
                .filter(state -> "CrashLoopBackOff".equals(state.getReason()))
                .filter(state -> !state.getMessage().startsWith(FIRST_BACK_OFF))
                .isPresent();
    }

    public Metrics metrics() {
        return Metrics.parse(get("/metrics"));
    }

    private String get(String path) {
        HttpResponse<String> response = ask(path);
        if (response.statusCode() != 200) {
            throw new CommandFailure(response.uri() + " gave " + response.statusCode() + ": " + response.body());
        }
        return response.body();
    }

    /** The answer of the admin listener on the node's address, as anybody in the network gets it. */
    public HttpResponse<String> ask(String path) {
        return ask(URI.create("http://" + node.address() + ":" + ADMIN_PORT + path));
    }

    /** The same by {@code kubectl port-forward}, which comes to the listener from the node itself. */
    public HttpResponse<String> askByPortForward(String path) {
        String name = pod().orElseThrow(() -> new CommandFailure("no node cache runs on " + node.name()))
                .getMetadata()
                .getName();
        try (LocalPortForward forward = cluster.client()
                .pods()
                .inNamespace(Larder.NAMESPACE)
                .withName(name)
                .portForward(ADMIN_PORT)) {
            return ask(URI.create("http://127.0.0.1:" + forward.getLocalPort() + path));
        } catch (IOException e) {
            throw new CommandFailure("the port-forward to " + name + " does not end: " + e.getMessage(), e);
        }
    }

    private static HttpResponse<String> ask(URI uri) {
        try (HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(LIMIT)
                .build()) {
            return client.send(
                    HttpRequest.newBuilder(uri).timeout(LIMIT).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new CommandFailure(uri + " does not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while asking " + uri, e);
        }
    }

    /**
     * The answer of the listener for the operator, head and body.
     *
     * @param tls what the client shows and trusts; a node cache's certificate does not name the node's address
     * @throws IOException when there is no connection, such as for who shows no certificate that it knows
     */
    public String askAsOperator(SSLContext tls, String path) throws IOException {
        try (Socket socket = tls.getSocketFactory().createSocket()) {
            socket.connect(new InetSocketAddress(node.address(), JOBS_PORT), (int) LIMIT.toMillis());
            socket.setSoTimeout((int) LIMIT.toMillis());
            String request = "GET " + path + " HTTP/1.1\r\nHost: larder-node-cache\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
