package dev.larder.operator.registrycache.desired;

import dev.larder.crds.v1alpha1.CaBundleRef;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Every name, label, annotation and path that the objects of a RegistryCache share. */
public final class Names {

    public static final String NAME_LABEL = "app.kubernetes.io/name";
    public static final String INSTANCE_LABEL = "app.kubernetes.io/instance";
    public static final String MANAGED_BY_LABEL = "app.kubernetes.io/managed-by";
    public static final String PART_OF_LABEL = "app.kubernetes.io/part-of";

    public static final String NODE_CACHE = "larder-node-cache";
    public static final String OPERATOR = "larder-operator";

    /** Selects what the operator made, and with it what its informers hold. */
    public static final String SELECTOR = NAME_LABEL + "=" + NODE_CACHE;

    /** On a RegistryCache only while a node with our configuration cannot clean up after itself. */
    public static final String RESTORE_FINALIZER = "larder.dev/restore-nodes";
    /** On a pod: changing it makes the kubelet look at the pod's volumes at once. */
    public static final String CONFIG_REVISION = "larder.dev/config-revision";
    /** On a pod too, for the Secrets and ConfigMaps that upstreams name. */
    public static final String MOUNTS_REVISION = "larder.dev/mounts-revision";
    /** On a pod too: when the certificate was made that its node cache is to answer the operator with. */
    public static final String CERTIFICATE_REVISION = "larder.dev/certificate-revision";
    /** On the pod template: its node cache tells the operator its status over the listener for that alone. */
    public static final String STATUS_BY = "larder.dev/status-by";

    public static final String STATUS_BY_JOBS = "jobs";
    /** On the pod template: what cannot change without a restart. */
    public static final String RESTART_REVISION = "larder.dev/restart-revision";

    static final String CONTAINER_CACHE = "node-cache";
    /** The container that can put a node's containerd configuration back. */
    public static final String CONTAINER_HOSTS_WRITER = "hosts-writer";

    static final String CONTAINER_STORAGE = "prepare-storage";

    /** The keys of a Secret that {@code containerd.tlsSecretRef} names. */
    public static final List<String> TLS_KEYS = List.of("tls.crt", "tls.key", "ca.crt");

    static final String TLS_FOLDER = "/etc/larder/tls";

    static final String CONFIG_FOLDER = "/etc/larder/config";
    public static final String CONFIG_FILE = "config.yaml";
    static final String RUN_FOLDER = "/run/larder";
    static final String HOST_ROOT = "/host";

    /** Variables of a node cache, and the keys of a Secret that {@code proxy.secretRef} names. */
    public static final String HTTPS_PROXY = "HTTPS_PROXY";

    public static final String HTTP_PROXY = "HTTP_PROXY";
    static final String NO_PROXY = "NO_PROXY";

    /** How many files the table of mirrored tags is spread over. */
    public static final int MIRROR_SHARDS = 16;

    /** The ConfigMap with the nodes that mirrored images are kept on, and the file in it. */
    public static final String MIRROR_NODES = "larder-mirror-nodes";

    public static final String NODES_FILE = "nodes.yaml";

    /** The Secret with what a node cache shows the operator; there before the first of them is. */
    public static final String JOBS_SECRET = "larder-jobs-node-cache";
    /** The DNS name in the operator's certificate. */
    public static final String JOBS_CLIENT = "larder-operator";
    /** The DNS name in the node caches' certificate. */
    public static final String JOBS_SERVER = "larder-node-cache";

    static final String JOBS_FOLDER = "/etc/larder/jobs";
    static final String MIRROR_FOLDER = "/etc/larder/mirror";

    private Names() {}

    /** The ConfigMap with one file of the table of mirrored tags. */
    public static String mirrorTable(int shard) {
        return "larder-mirror-" + shard;
    }

    /** The file in it, as node caches report it. */
    public static String mirrorFile(int shard) {
        return "mirror-" + shard + ".json";
    }

    /**
     * The file beside it that says which nodes keep what. Node caches of before read what ends in .json only, and keep
     * everything.
     */
    public static String keepFile(int shard) {
        return "keep-" + shard + ".yaml";
    }

    /** The name of the DaemonSet, ConfigMap, Service and ServiceAccount. */
    public static String child(String registryCache) {
        return "larder-" + registryCache;
    }

    /** What the names of the Secrets with cloud logins begin with. */
    public static String loginPrefix(String registryCache) {
        return child(registryCache) + "-login-";
    }

    public static Map<String, String> labels(String registryCache) {
        Map<String, String> labels = new TreeMap<>(selector(registryCache));
        labels.put(MANAGED_BY_LABEL, OPERATOR);
        labels.put(PART_OF_LABEL, "larder");
        return labels;
    }

    /** The labels that select the pods; these never change, since a DaemonSet's selector cannot. */
    public static Map<String, String> selector(String registryCache) {
        return new TreeMap<>(Map.of(NAME_LABEL, NODE_CACHE, INSTANCE_LABEL, registryCache));
    }

    static String credentialsFolder(String secret) {
        return "/etc/larder/credentials/" + secret;
    }

    static String caFolder(String configMap) {
        return "/etc/larder/ca/" + configMap;
    }

    /** How a CA bundle is named in {@link CachePlan#caBundles()}. */
    public static String caBundle(CaBundleRef ref) {
        return ref.name() + "/" + ref.key();
    }
}
