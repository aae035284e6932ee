package dev.larder.e2e.install;

import dev.larder.e2e.cluster.Cluster;
import dev.larder.e2e.cluster.Node;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.CommandFailure;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The pod of one RegistryCache on one node: its containers, its metrics, and what can happen to them. */
public final class NodeCache {
    public static final String CACHE = "node-cache";
    public static final String WRITER = "hosts-writer";
    private static final int ADMIN_PORT = 5152;
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final Duration START = Duration.ofSeconds(60);

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

    /** Kills the cache until the kubelet waits before it starts it again, and returns then. */
    public void killUntilItStaysDown() {
        Await.until("the kubelet's back-off from the node cache", START, () -> {
            if (waiting()) {
                return true;
            }
            if (running(CACHE) && ready()) {
                signal(CACHE, "SIGKILL");
                Await.until("the end of the killed node cache", LIMIT, () -> waiting() || !ready());
            }
            return waiting();
        });
    }

    private boolean waiting() {
        return container(CACHE)
                .map(status -> status.getState().getWaiting())
                .map(state -> "CrashLoopBackOff".equals(state.getReason()))
                .orElse(false);
    }

    public Metrics metrics() {
        return Metrics.parse(get("/metrics"));
    }

    /** The answer of the admin listener, as it is. */
    public String get(String path) {
        URI uri = URI.create("http://" + node.address() + ":" + ADMIN_PORT + path);
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> response = client.send(
                    HttpRequest.newBuilder(uri).timeout(LIMIT).build(), HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new CommandFailure(uri + " gave " + response.statusCode() + ": " + response.body());
            }
            return response.body();
        } catch (IOException e) {
            throw new CommandFailure(uri + " does not answer: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while asking " + uri, e);
        }
    }
}
