package dev.larder.operator.registrycache.desired;

import dev.larder.crds.v1alpha1.NodesSpec;
import io.fabric8.kubernetes.api.model.Affinity;
import io.fabric8.kubernetes.api.model.AffinityBuilder;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.NodeSelectorRequirement;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.api.model.apps.DaemonSetBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One pod on every selected node: in the node's own network, because host ports fail on several CNIs, and with the node's
 * own resolver, because cluster DNS may itself be waiting for an image.
 */
final class DesiredDaemonSet {

    private DesiredDaemonSet() {}

    static DaemonSet of(CachePlan plan) {
        return new DaemonSetBuilder()
                .withMetadata(DesiredObjects.metadata(plan))
                .withNewSpec()
                .withNewSelector()
                .withMatchLabels(Names.selector(plan.name()))
                .endSelector()
                .withNewUpdateStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                .withMaxUnavailable(new IntOrString("10%"))
                .endRollingUpdate()
                .endUpdateStrategy()
                .withNewTemplate()
                .withNewMetadata()
                .withLabels(Names.labels(plan.name()))
                .addToAnnotations(Names.RESTART_REVISION, restartRevision(plan))
                .addToAnnotations(Names.STATUS_BY, Names.STATUS_BY_JOBS)
                .endMetadata()
                .withSpec(podSpec(plan))
                .endTemplate()
                .endSpec()
                .build();
    }

    /** What a running node cache cannot take over from a changed file. */
    private static String restartRevision(CachePlan plan) {
        var tls = plan.spec().containerd().tlsSecretRef();
        return Revision.of(plan.spec().ports() + plan.spec().storage().path() + (tls == null ? "" : tls));
    }

    private static PodSpec podSpec(CachePlan plan) {
        NodesSpec nodes = plan.spec().nodes();
        PodVolumes volumes = PodVolumes.of(plan);
        return new PodSpecBuilder()
                .withHostNetwork(true)
                .withDnsPolicy("Default")
                // The hosts writer ends a node cache that hangs, and for that has to see its process.
                .withShareProcessNamespace(true)
                .withServiceAccountName(Names.child(plan.name()))
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withPriorityClassName("system-node-critical")
                .withTerminationGracePeriodSeconds(30L)
                .withNodeSelector(nodeSelector(nodes))
                .withAffinity(affinity(nodes))
                .withTolerations(tolerations(nodes))
                .withImagePullSecrets(plan.settings().imagePullSecrets().stream()
                        .map(LocalObjectReference::new)
                        .toList())
                .withInitContainers(Containers.prepareStorage(plan, volumes))
                .withContainers(Containers.nodeCache(plan, volumes), Containers.hostsWriter(plan, volumes))
                .withVolumes(volumes.volumes())
                .build();
    }

    private static Map<String, String> nodeSelector(NodesSpec nodes) {
        Map<String, String> labels = new TreeMap<>(nodes.selector().matchLabels());
        labels.putIfAbsent("kubernetes.io/os", "linux");
        return labels;
    }

    private static @Nullable Affinity affinity(NodesSpec nodes) {
        if (nodes.selector().matchExpressions().isEmpty()) {
            return null;
        }
        List<NodeSelectorRequirement> requirements = nodes.selector().matchExpressions().stream()
                .map(wanted -> new NodeSelectorRequirement(
                        wanted.key(), wanted.operator().name(), wanted.values()))
                .toList();
        return new AffinityBuilder()
                .withNewNodeAffinity()
                .withNewRequiredDuringSchedulingIgnoredDuringExecution()
                .addNewNodeSelectorTerm()
                .withMatchExpressions(requirements)
                .endNodeSelectorTerm()
                .endRequiredDuringSchedulingIgnoredDuringExecution()
                .endNodeAffinity()
                .build();
    }

    private static List<Toleration> tolerations(NodesSpec nodes) {
        if (nodes.tolerations().isEmpty()) {
            return List.of(new TolerationBuilder().withOperator("Exists").build());
        }
        return nodes.tolerations().stream()
                .map(wanted -> new TolerationBuilder()
                        .withKey(wanted.key())
                        .withOperator(wanted.operator().name())
                        .withValue(wanted.value())
                        .withEffect(
                                wanted.effect() == null ? null : wanted.effect().name())
                        .build())
                .toList();
    }
}
