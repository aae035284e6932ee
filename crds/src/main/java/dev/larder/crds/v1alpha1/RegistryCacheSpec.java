package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** What a RegistryCache asks for. Absent parts become their defaults here, so that {@code spec: {}} is whole. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RegistryCacheSpec(
        @JsonPropertyDescription("""
                The registries to cache, one entry a host. Empty means seven public ones: docker.io, ghcr.io, quay.io, \
                registry.k8s.io, gcr.io, public.ecr.aws and mcr.microsoft.com.""") @Size(max = 64) List<RegistrySpec> registries,

        @JsonPropertyDescription("Where on each node the content is kept, and how much of the disk it may take.")
        StorageSpec storage,

        @JsonPropertyDescription("Which nodes get a node cache. Every Linux node by default.")
        NodesSpec nodes,

        @JsonPropertyDescription("How containerd on the nodes is told to use the cache.")
        ContainerdSpec containerd,

        @JsonPropertyDescription("The ports a node cache listens on, on the node's own network.")
        PortsSpec ports,

        @JsonPropertyDescription("""
                CPU and memory of the node-cache container. By default 50m CPU and 128Mi are requested, and 512Mi is the \
                limit, which has to hold the kernel's page cache of what is being served.""") ResourcesSpec resources,

        @JsonPropertyDescription("""
                The HTTP proxy that the node caches reach upstreams through. None by default. A change replaces the pods.""") ProxySpec proxy) {

    public static final RegistryCacheSpec DEFAULT = new RegistryCacheSpec(
            List.of(),
            StorageSpec.DEFAULT,
            NodesSpec.DEFAULT,
            ContainerdSpec.DEFAULT,
            PortsSpec.DEFAULT,
            ResourcesSpec.DEFAULT,
            ProxySpec.NONE);

    public RegistryCacheSpec {
        registries = registries == null ? List.of() : List.copyOf(registries);
        storage = storage == null ? StorageSpec.DEFAULT : storage;
        nodes = nodes == null ? NodesSpec.DEFAULT : nodes;
        containerd = containerd == null ? ContainerdSpec.DEFAULT : containerd;
        ports = ports == null ? PortsSpec.DEFAULT : ports;
        resources = resources == null ? ResourcesSpec.DEFAULT : resources;
        proxy = proxy == null ? ProxySpec.NONE : proxy;
    }
}
