package dev.larder.operator.registrycache.desired;

import dev.larder.crds.v1alpha1.PortsSpec;
import dev.larder.crds.v1alpha1.ResourcesSpec;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import java.util.Map;
import java.util.TreeMap;

/** The three containers of a node-cache pod, each with only the rights its one task needs. */
final class Containers {

    private static final long CACHE_USER = 65532;
    private static final String JAVA = "/opt/larder/jre/bin/java";

    private Containers() {}

    /** Makes the storage folder and gives it to the node cache's user. */
    static Container prepareStorage(CachePlan plan, PodVolumes volumes) {
        return container(plan, Names.CONTAINER_STORAGE)
                .withSecurityContext(rootWith("CHOWN"))
                .withResources(resources(small("50m", "64Mi"), small(null, "256Mi")))
                .withVolumeMounts(volumes.ofPrepareStorage())
                .build();
    }

    static Container nodeCache(CachePlan plan, PodVolumes volumes) {
        PortsSpec ports = plan.spec().ports();
        ResourcesSpec asked = plan.spec().resources();
        Map<String, Quantity> requests = new TreeMap<>(small("50m", "128Mi"));
        requests.putAll(asked.requests());
        Map<String, Quantity> limits = new TreeMap<>(small(null, "512Mi"));
        limits.putAll(asked.limits());
        return container(plan, Names.CONTAINER_CACHE)
                .addAllToEnv(ProxyVariables.of(plan.spec().proxy()))
                .withPorts(port("registry", ports.registry()), port("metrics", ports.admin()))
                .withSecurityContext(new SecurityContextBuilder()
                        .withRunAsUser(CACHE_USER)
                        .withRunAsGroup(CACHE_USER)
                        .withRunAsNonRoot(true)
                        .withReadOnlyRootFilesystem(true)
                        .withAllowPrivilegeEscalation(false)
                        .withNewCapabilities()
                        .withDrop("ALL")
                        .endCapabilities()
                        .withNewSeccompProfile()
                        .withType("RuntimeDefault")
                        .endSeccompProfile()
                        .build())
                .withResources(resources(requests, limits))
                .withReadinessProbe(probe("/readyz", 2, 2))
                // The hosts writer finds a hung cache within a second; this is for when there is no hosts writer
                // either.
                .withLivenessProbe(probe("/livez", 10, 6))
                .withVolumeMounts(volumes.ofNodeCache())
                .build();
    }

    /** The only one that may write containerd's configuration. */
    static Container hostsWriter(CachePlan plan, PodVolumes volumes) {
        return container(plan, Names.CONTAINER_HOSTS_WRITER)
                .withSecurityContext(rootWith("KILL"))
                .withResources(resources(small("10m", "64Mi"), small(null, "192Mi")))
                .withVolumeMounts(volumes.ofHostsWriter())
                .build();
    }

    private static ContainerBuilder container(CachePlan plan, String program) {
        return new ContainerBuilder()
                .withName(program)
                .withImage(plan.settings().nodeCacheImage())
                .withImagePullPolicy(plan.settings().imagePullPolicy())
                .withCommand(JAVA, "@/opt/larder/" + program + ".args")
                .withArgs("--config", Names.CONFIG_FOLDER + "/" + Names.CONFIG_FILE)
                .withEnv(new EnvVarBuilder()
                        .withName("NODE_NAME")
                        .withNewValueFrom()
                        .withNewFieldRef()
                        .withApiVersion("v1")
                        .withFieldPath("spec.nodeName")
                        .endFieldRef()
                        .endValueFrom()
                        .build());
    }

    private static SecurityContext rootWith(String capability) {
        return new SecurityContextBuilder()
                .withRunAsUser(0L)
                .withRunAsGroup(0L)
                .withReadOnlyRootFilesystem(true)
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .withAdd(capability)
                .endCapabilities()
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .build();
    }

    private static ContainerPort port(String name, int port) {
        return new ContainerPortBuilder()
                .withName(name)
                .withContainerPort(port)
                .withHostPort(port)
                .withProtocol("TCP")
                .build();
    }

    private static Probe probe(String path, int period, int failures) {
        return new ProbeBuilder()
                .withNewHttpGet()
                .withPath(path)
                .withNewPort("metrics")
                .withScheme("HTTP")
                .endHttpGet()
                .withPeriodSeconds(period)
                .withTimeoutSeconds(2)
                .withFailureThreshold(failures)
                .build();
    }

    private static ResourceRequirements resources(Map<String, Quantity> requests, Map<String, Quantity> limits) {
        ResourceRequirements resources = new ResourceRequirements();
        resources.setRequests(requests);
        resources.setLimits(limits);
        return resources;
    }

    private static Map<String, Quantity> small(@org.jspecify.annotations.Nullable String cpu, String memory) {
        Map<String, Quantity> amounts = new TreeMap<>();
        if (cpu != null) {
            amounts.put("cpu", new Quantity(cpu));
        }
        amounts.put("memory", new Quantity(memory));
        return amounts;
    }
}
