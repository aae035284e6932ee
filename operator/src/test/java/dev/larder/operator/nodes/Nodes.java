package dev.larder.operator.nodes;

import dev.larder.operator.nodes.NodeReport.Config;
import dev.larder.operator.nodes.NodeReport.ConfigPath;
import dev.larder.operator.nodes.NodeReport.HostsEntry;
import dev.larder.operator.nodes.NodeReport.HostsWriter;
import dev.larder.operator.nodes.NodeReport.Registry;
import dev.larder.operator.nodes.NodeReport.Storage;
import dev.larder.operator.nodes.NodeReport.Upstream;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Nodes, pods and reports as a healthy node has them, for tests to bend. */
public final class Nodes {

    public static final Instant NOW = Instant.parse("2026-11-22T06:00:00Z");
    public static final Instant LONG_SINCE = NOW.minusSeconds(86_400);
    public static final String REVISION = "rev1";
    public static final ConfigPath SINGLE_FOLDER = new ConfigPath(
            "/etc/containerd/certs.d",
            "/etc/containerd/certs.d",
            "/etc/containerd/config.toml",
            "/etc/containerd/certs.d",
            false,
            3,
            false);

    private Nodes() {}

    public static Node node(String name, String ready, String runtime) {
        return new NodeBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(Map.of("kubernetes.io/os", "linux", "kubernetes.io/hostname", name))
                .endMetadata()
                .withNewStatus()
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready)
                .endCondition()
                .withNewNodeInfo()
                .withContainerRuntimeVersion(runtime)
                .endNodeInfo()
                .endStatus()
                .build();
    }

    public static Node node(String name) {
        return node(name, "True", "containerd://2.3.7");
    }

    /** Running on the node for ten minutes. */
    public static Pod pod(String node, boolean ready) {
        return new PodBuilder()
                .withNewMetadata()
                .withName("larder-default-" + node)
                .withNamespace("larder-system")
                .withCreationTimestamp(NOW.minusSeconds(600).toString())
                .addToLabels("app.kubernetes.io/name", "larder-node-cache")
                .addToLabels("app.kubernetes.io/instance", "default")
                .endMetadata()
                .withNewSpec()
                .withNodeName(node)
                .endSpec()
                .withNewStatus()
                .withPhase("Running")
                .withPodIP("10.0.0.1")
                .addNewCondition()
                .withType("Ready")
                .withStatus(ready ? "True" : "False")
                .endCondition()
                .withContainerStatuses(
                        new ContainerStatusBuilder()
                                .withName("node-cache")
                                .withRestartCount(0)
                                .withState(running())
                                .build(),
                        new ContainerStatusBuilder()
                                .withName("hosts-writer")
                                .withRestartCount(0)
                                .withState(running())
                                .build())
                .endStatus()
                .build();
    }

    public static ContainerState running() {
        return new ContainerStateBuilder().withNewRunning().endRunning().build();
    }

    public static ContainerState waiting(String reason) {
        return new ContainerStateBuilder()
                .withNewWaiting()
                .withReason(reason)
                .withMessage("because")
                .endWaiting()
                .build();
    }

    public static ContainerState ended(int exitCode) {
        return new ContainerStateBuilder()
                .withNewTerminated()
                .withExitCode(exitCode)
                .endTerminated()
                .build();
    }

    /** The pod with one container in another state. */
    public static Pod with(Pod pod, String container, ContainerState state, ContainerState last, int restarts) {
        return pod.edit()
                .editStatus()
                .editMatchingContainerStatus(status -> container.equals(status.getName()))
                .withState(state)
                .withLastState(last)
                .withRestartCount(restarts)
                .endContainerStatus()
                .endStatus()
                .build();
    }

    public static NodeReport report(String revision, HostsWriter writer) {
        return new NodeReport(
                "0.1.0",
                "default",
                true,
                new Config(revision, List.of()),
                new Storage("/var/lib/larder", true, ""),
                List.of(registry("docker.io", 10, 7)),
                writer,
                NodeReport.Mirror.NONE);
    }

    public static NodeReport report() {
        return report(REVISION, writer(REVISION, "Present", SINGLE_FOLDER));
    }

    public static Registry registry(String host, long requests, long hits) {
        return new Registry(host, requests, hits, null, List.of(new Upstream("https://" + host, "Up", "Unknown", "")));
    }

    public static HostsWriter writer(String revision, String state, ConfigPath facts) {
        return new HostsWriter(
                true, revision, true, "", facts, List.of(new HostsEntry("docker.io", state, "why")), false);
    }

    public static ObservedNode observed(Node node, Pod pod, NodeReport report) {
        return new ObservedNode(pod.getSpec().getNodeName(), node, pod, new NodeAnswer.Said(report));
    }

    public static ObservedNode observed(String name) {
        return observed(node(name), pod(name, true), report());
    }

    public static Expected expected() {
        return new Expected("default", REVISION, List.of("docker.io"), true, 5153, LONG_SINCE);
    }
}
