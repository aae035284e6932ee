package dev.larder.operator.registrycache.desired;

import dev.larder.crds.v1alpha1.RegistrySpec;
import dev.larder.crds.v1alpha1.SecretRef;
import dev.larder.crds.v1alpha1.UpstreamSpec;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.VolumeProjection;
import io.fabric8.kubernetes.api.model.VolumeProjectionBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The volumes of a node-cache pod and who mounts which.
 *
 * <p>Secrets and ConfigMaps are optional volumes: a missing one must not hang the pod, a condition names it instead. They
 * are mounted as folders, never by subPath, so that changes reach a running pod.
 */
record PodVolumes(
        List<Volume> volumes,
        List<VolumeMount> ofPrepareStorage,
        List<VolumeMount> ofNodeCache,
        List<VolumeMount> ofHostsWriter) {

    private static final String CONTAINERD = "/etc/containerd";

    static PodVolumes of(CachePlan plan) {
        List<Volume> volumes = new ArrayList<>();
        List<VolumeMount> cache = new ArrayList<>();
        List<VolumeMount> writer = new ArrayList<>();
        List<VolumeMount> storage = new ArrayList<>();

        volumes.add(new VolumeBuilder()
                .withName("config")
                .withNewConfigMap()
                .withName(Names.child(plan.name()))
                .endConfigMap()
                .build());
        VolumeMount config = mount("config", Names.CONFIG_FOLDER, true);
        List.of(storage, cache, writer).forEach(mounts -> mounts.add(config));

        volumes.add(inMemory("run", "8Mi"));
        VolumeMount run = mount("run", Names.RUN_FOLDER, false);
        List.of(cache, writer).forEach(mounts -> mounts.add(run));

        // The JVM and Netty unpack native libraries here; everything else of the root is read-only.
        volumes.add(inMemory("tmp", "16Mi"));
        VolumeMount tmp = mount("tmp", "/tmp", false);
        List.of(storage, cache, writer).forEach(mounts -> mounts.add(tmp));

        String path = plan.spec().storage().path();
        volumes.add(hostFolder("storage", path));
        List.of(storage, cache).forEach(mounts -> mounts.add(mount("storage", path, false)));

        addMirroring(volumes, cache);
        addContainerd(plan, volumes, writer);
        addNamed(plan, volumes, cache, writer);
        addCertificate(plan, volumes, cache, writer);
        return new PodVolumes(List.copyOf(volumes), List.copyOf(storage), List.copyOf(cache), List.copyOf(writer));
    }

    /** What the operator gives node caches: their certificate, and the tables of MirroredImages. All may be missing, and may come. */
    private static void addMirroring(List<Volume> volumes, List<VolumeMount> cache) {
        volumes.add(new VolumeBuilder()
                .withName("jobs")
                .withNewSecret()
                .withSecretName(Names.JOBS_SECRET)
                .withOptional(true)
                .withDefaultMode(0444)
                .endSecret()
                .build());
        cache.add(mount("jobs", Names.JOBS_FOLDER, true));
        List<VolumeProjection> tables = Stream.concat(
                        IntStream.range(0, Names.MIRROR_SHARDS).mapToObj(Names::mirrorTable),
                        Stream.of(Names.MIRROR_NODES))
                .map(name -> new VolumeProjectionBuilder()
                        .withNewConfigMap()
                        .withName(name)
                        .withOptional(true)
                        .endConfigMap()
                        .build())
                .toList();
        volumes.add(new VolumeBuilder()
                .withName("mirror")
                .withNewProjected()
                .withSources(tables)
                .endProjected()
                .build());
        cache.add(mount("mirror", Names.MIRROR_FOLDER, true));
    }

    /** containerd's own configuration to read, and the folder above the hosts.toml folders to write. */
    private static void addContainerd(CachePlan plan, List<Volume> volumes, List<VolumeMount> writer) {
        String named = plan.spec().containerd().namedConfigPath();
        String parent = named == null ? CONTAINERD : named.substring(0, named.lastIndexOf('/'));
        volumes.add(hostFolder("containerd", CONTAINERD));
        boolean inside = parent.equals(CONTAINERD) || parent.startsWith(CONTAINERD + "/");
        writer.add(mount("containerd", Names.HOST_ROOT + CONTAINERD, !inside));
        if (!inside) {
            // A folder right under a top-level one, such as /etc/certs.d, is mounted itself: not all of /etc.
            String folder = parent.lastIndexOf('/') > 0 ? parent : Objects.requireNonNull(named);
            volumes.add(hostFolder("hosts", folder));
            writer.add(mount("hosts", Names.HOST_ROOT + folder, false));
        }
    }

    /**
     * The Secrets and ConfigMaps that upstreams name, also those that are missing: they may come. The hosts writer gives
     * certificates to containerd, for the pulls that go past the cache.
     */
    private static void addNamed(
            CachePlan plan, List<Volume> volumes, List<VolumeMount> cache, List<VolumeMount> writer) {
        TreeSet<String> secrets = new TreeSet<>();
        TreeSet<String> bundles = new TreeSet<>();
        upstreams(plan).forEach(upstream -> {
            DesiredConfig.credentials(plan, upstream).ifPresent(secrets::add);
            if (upstream.caBundleRef() != null) {
                bundles.add(upstream.caBundleRef().name());
            }
        });
        for (String secret : secrets) {
            String name = "credentials-" + Revision.of(secret);
            volumes.add(new VolumeBuilder()
                    .withName(name)
                    .withNewSecret()
                    .withSecretName(secret)
                    .withOptional(true)
                    .withDefaultMode(0444)
                    .endSecret()
                    .build());
            cache.add(mount(name, Names.credentialsFolder(secret), true));
        }
        for (String bundle : bundles) {
            String name = "ca-" + Revision.of(bundle);
            volumes.add(new VolumeBuilder()
                    .withName(name)
                    .withNewConfigMap()
                    .withName(bundle)
                    .withOptional(true)
                    .endConfigMap()
                    .build());
            VolumeMount mount = mount(name, Names.caFolder(bundle), true);
            List.of(cache, writer).forEach(mounts -> mounts.add(mount));
        }
    }

    /** The key is the node cache's alone; the hosts writer tells containerd whom to trust. */
    private static void addCertificate(
            CachePlan plan, List<Volume> volumes, List<VolumeMount> cache, List<VolumeMount> writer) {
        SecretRef secret = plan.spec().containerd().tlsSecretRef();
        if (secret != null) {
            volumes.add(tls("tls", secret, Names.TLS_KEYS));
            volumes.add(tls("tls-authority", secret, List.of("ca.crt")));
            cache.add(mount("tls", Names.TLS_FOLDER, true));
            writer.add(mount("tls-authority", Names.TLS_FOLDER, true));
        }
    }

    private static Volume tls(String name, SecretRef secret, List<String> keys) {
        return new VolumeBuilder()
                .withName(name)
                .withNewSecret()
                .withSecretName(secret.name())
                .withDefaultMode(0444)
                .withItems(
                        keys.stream().map(key -> new KeyToPath(key, null, key)).toList())
                .endSecret()
                .build();
    }

    private static Stream<UpstreamSpec> upstreams(CachePlan plan) {
        return plan.registries().stream().map(RegistrySpec::upstreams).flatMap(List::stream);
    }

    private static Volume inMemory(String name, String limit) {
        return new VolumeBuilder()
                .withName(name)
                .withNewEmptyDir()
                .withMedium("Memory")
                .withSizeLimit(new Quantity(limit))
                .endEmptyDir()
                .build();
    }

    private static Volume hostFolder(String name, String path) {
        return new VolumeBuilder()
                .withName(name)
                .withNewHostPath()
                .withPath(path)
                .withType("DirectoryOrCreate")
                .endHostPath()
                .build();
    }

    private static VolumeMount mount(String volume, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(volume)
                .withMountPath(path)
                .withReadOnly(readOnly ? true : null)
                .build();
    }
}
