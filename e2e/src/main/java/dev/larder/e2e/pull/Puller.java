package dev.larder.e2e.pull;

import dev.larder.e2e.cluster.Cluster;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.CommandFailure;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** Makes nodes pull images by running pods on them, in one namespace. Thread-safe. */
public final class Puller {
    private static final Duration GONE = Duration.ofSeconds(60);

    private final Cluster cluster;
    private final String namespace;
    private final List<LocalObjectReference> secrets;
    private final Duration limit;
    private final AtomicInteger count = new AtomicInteger();
    private final String prefix = "pull-" + Long.toString(System.nanoTime(), 36) + "-";

    /** In the namespace {@code default}; {@code limit} is how long one pull may take, with its retries. */
    public Puller(Cluster cluster, Duration limit) {
        this(cluster, "default", List.of(), limit);
    }

    private Puller(Cluster cluster, String namespace, List<LocalObjectReference> secrets, Duration limit) {
        this.cluster = cluster;
        this.namespace = namespace;
        this.secrets = secrets;
        this.limit = limit;
    }

    /** One in that namespace whose pods name these {@code imagePullSecrets}. */
    public Puller in(String other, String... pullSecrets) {
        return new Puller(
                cluster,
                other,
                Stream.of(pullSecrets).map(LocalObjectReference::new).toList(),
                limit);
    }

    /** Runs a pod of the image on the node until its container runs, and removes the pod. */
    public Pull pull(String image, String node) {
        String pod = start(image, node);
        try {
            return await(pod, image, node);
        } finally {
            remove(pod);
        }
    }

    /** The same, also asking the registry what the name means when the node has the image. */
    public Pull resolveAndPull(String image, String node) {
        String pod = start(image, node, "Always");
        try {
            return await(pod, image, node);
        } finally {
            remove(pod);
        }
    }

    /**
     * Runs a pod that is not to get the image, removes it, and returns what the kubelet said about that.
     *
     * @param why texts of which it has to say one, if there are any: a kubelet that has not got the pull secret yet is first
     *     refused without it
     */
    public String refused(String image, String node, String pullPolicy, String... why) {
        String pod = start(image, node, pullPolicy);
        try {
            Await.until(
                    "the refusal of " + image + " on " + node,
                    limit,
                    () -> running(pod) || failure(pod, why).isPresent(),
                    () -> "Events: " + messages(pod));
            return failure(pod, why)
                    .filter(_ -> !running(pod))
                    .orElseThrow(() -> new CommandFailure("a pod of " + namespace + " got " + image + " on " + node));
        } finally {
            remove(pod);
        }
    }

    private Optional<String> failure(String pod, String... why) {
        return messages(pod).stream()
                .filter(message -> message.startsWith("Failed to pull image"))
                .filter(message -> why.length == 0 || Stream.of(why).anyMatch(message::contains))
                .findFirst();
    }

    /** Removes the image and its content from the node's containerd, then pulls it. */
    public Pull pullAfresh(String image, String node) {
        cluster.node(node).removeImage(canonical(image));
        return pull(image, node);
    }

    /** Creates a pod of the image on the node and returns its name. */
    public String start(String image, String node) {
        return start(image, node, "IfNotPresent");
    }

    private String start(String image, String node, String pullPolicy) {
        String name = prefix + count.incrementAndGet();
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .addToLabels("larder.dev/e2e", "pull")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .withTerminationGracePeriodSeconds(0L)
                .withRestartPolicy("Never")
                .withAutomountServiceAccountToken(false)
                .withImagePullSecrets(secrets)
                .addNewContainer()
                .withName("main")
                .withImage(image)
                .withImagePullPolicy(pullPolicy)
                .endContainer()
                .endSpec()
                .build();
        client().pods().inNamespace(namespace).resource(pod).create();
        return name;
    }

    /** Returns when the pod's container runs and the kubelet has said how long the pull took. */
    public Pull await(String pod, String image, String node) {
        Await.until(
                "the pull of " + image + " on " + node, limit, () -> running(pod), () -> "Events: " + messages(pod));
        Await.until(
                "the kubelet's word on the pull of " + image,
                Duration.ofSeconds(20),
                () -> messages(pod).stream().anyMatch(Pull::finished),
                () -> "Events: " + messages(pod));
        return messages(pod).stream()
                .filter(Pull::finished)
                .findFirst()
                .map(message -> Pull.of(image, node, message))
                .orElseThrow();
    }

    /** Returns when the pod's container runs. */
    public void awaitRunning(String pod) {
        Await.until("the start of pod " + pod, limit, () -> running(pod), () -> "Events: " + messages(pod));
    }

    /** Deletes the pod and returns when it is gone. */
    public void remove(String pod) {
        client().pods().inNamespace(namespace).withName(pod).withGracePeriod(0).delete();
        Await.until("the end of pod " + pod, GONE, () -> find(pod).isEmpty());
    }

    public boolean running(String pod) {
        return find(pod)
                .flatMap(object ->
                        object.getStatus().getContainerStatuses().stream().findFirst())
                .filter(status -> status.getState().getRunning() != null)
                .isPresent();
    }

    /** What the kubelet and others said about the pod. */
    public List<String> messages(String pod) {
        return client()
                .v1()
                .events()
                .inNamespace(namespace)
                .withField("involvedObject.name", pod)
                .list()
                .getItems()
                .stream()
                .map(Event::getMessage)
                .toList();
    }

    private Optional<Pod> find(String pod) {
        return Optional.ofNullable(
                client().pods().inNamespace(namespace).withName(pod).get());
    }

    private KubernetesClient client() {
        return cluster.client();
    }

    /** The name containerd knows an image by: {@code nginx:1.22} is {@code docker.io/library/nginx:1.22}. */
    public static String canonical(String image) {
        int slash = image.indexOf('/');
        if (slash < 0) {
            return "docker.io/library/" + image;
        }
        String first = image.substring(0, slash);
        boolean host = first.contains(".") || first.contains(":") || first.equals("localhost");
        return host ? image : "docker.io/" + image;
    }
}
