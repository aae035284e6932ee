package dev.larder.e2e.cluster;

import dev.larder.e2e.toolchain.Toolchain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The files of one native node. Below its folder:
 * <pre>
 * etc-containerd/config.toml, certs.d/   bound to /etc/containerd
 * etc-cni/                               bound to /etc/cni/net.d
 * var-lib-containerd, var-lib-kubelet, var-lib-cni, var-lib-larder, var-log-pods, var-log-containers
 * kubelet.yaml  hosts  resolv.conf
 * </pre>
 */
record NodeFiles(Path folder) {
    static final String PAUSE_IMAGE = "registry.k8s.io/pause:3.10";

    /** What is bound where in the node's mount namespace; the node keeps nothing on the machine's own paths. */
    private static final Map<String, String> BOUND = Map.of(
            "etc-containerd", "/etc/containerd",
            "etc-cni", "/etc/cni/net.d",
            "var-lib-containerd", "/var/lib/containerd",
            "var-lib-kubelet", "/var/lib/kubelet",
            "var-lib-cni", "/var/lib/cni",
            "var-lib-larder", "/var/lib/larder",
            "var-log-pods", "/var/log/pods",
            "var-log-containers", "/var/log/containers");

    void write(int index, Slot slot, Toolchain tools, Pki pki) {
        try {
            for (String name : BOUND.keySet()) {
                Files.createDirectories(folder.resolve(name));
            }
            Files.createDirectories(folder.resolve("etc-containerd/certs.d"));
            Files.writeString(folder.resolve("etc-containerd/config.toml"), containerd(tools));
            Files.writeString(folder.resolve("etc-cni/10-larder.conflist"), network(slot.podCidr(index)));
            Files.writeString(folder.resolve("kubelet.yaml"), kubelet(index, slot, pki));
            Files.writeString(
                    folder.resolve("hosts"),
                    "127.0.0.1 localhost\n" + slot.nodeAddress(index) + " node" + index + "\n" + slot.hostAddress()
                            + " registry-1.docker.io\n");
            // There is no name service: a resolver that refuses at once costs no time-outs.
            Files.writeString(folder.resolve("resolv.conf"), "nameserver 127.0.0.1\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The script that turns a fresh mount and UTS namespace into this node's. */
    String mountScript(String hostName, Path authority) {
        var script = new StringBuilder("""
                hostname %s
                mount -t tmpfs -o mode=755 larder /run
                mkdir -p /run/node /run/lock /run/netns
                mount --bind %s /run/node
                for top in etc var opt; do
                  mkdir -p /run/over/$top/upper /run/over/$top/work
                  mount -t overlay -o lowerdir=/$top,upperdir=/run/over/$top/upper,workdir=/run/over/$top/work overlay /$top
                done
                rm -f /etc/hosts /etc/resolv.conf
                cp /run/node/hosts /run/node/resolv.conf /etc/
                mkdir -p /etc/ssl/certs
                cat %s >> /etc/ssl/certs/ca-certificates.crt
                mount --make-rshared /
                """.formatted(hostName, folder, authority));
        BOUND.forEach((name, path) ->
                script.append("mkdir -p %s; mount --bind /run/node/%s %s%n".formatted(path, name, path)));
        return script.toString();
    }

    private static String containerd(Toolchain tools) {
        return switch (tools.containerdRelease()) {
            case V2 -> containerd2(tools);
            case V1_7 -> containerd1(tools);
        };
    }

    private static String containerd1(Toolchain tools) {
        return """
                version = 2
                [plugins.'io.containerd.grpc.v1.cri']
                  sandbox_image = "%s"
                  restrict_oom_score_adj = true
                [plugins.'io.containerd.grpc.v1.cri'.registry]
                  config_path = "/etc/containerd/certs.d"
                [plugins.'io.containerd.grpc.v1.cri'.cni]
                  bin_dir = "%s"
                [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc]
                  runtime_type = "io.containerd.runc.v2"
                  [plugins.'io.containerd.grpc.v1.cri'.containerd.runtimes.runc.options]
                    BinaryName = "%s"
                """.formatted(PAUSE_IMAGE, tools.cniPlugins(), tools.system().resolve("runc"));
    }

    private static String containerd2(Toolchain tools) {
        return """
                version = 3
                [plugins.'io.containerd.cri.v1.images'.registry]
                  config_path = "/etc/containerd/certs.d"
                [plugins.'io.containerd.cri.v1.images'.pinned_images]
                  sandbox = "%s"
                [plugins.'io.containerd.cri.v1.runtime']
                  # A machine without CAP_SYS_RESOURCE cannot lower the score, and then every sandbox fails.
                  restrict_oom_score_adj = true
                [plugins.'io.containerd.cri.v1.runtime'.cni]
                  bin_dirs = ["%s"]
                [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
                  runtime_type = "io.containerd.runc.v2"
                  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
                    BinaryName = "%s"
                """.formatted(PAUSE_IMAGE, tools.cniPlugins(), tools.system().resolve("runc"));
    }

    private static String network(String podCidr) {
        return """
                {"cniVersion": "1.0.0", "name": "larder", "plugins": [
                  {"type": "bridge", "bridge": "cni0", "isGateway": true, "hairpinMode": true,
                   "ipam": {"type": "host-local", "ranges": [[{"subnet": "%s"}]], "routes": [{"dst": "0.0.0.0/0"}]}},
                  {"type": "portmap", "capabilities": {"portMappings": true}}]}
                """.formatted(podCidr);
    }

    private static String kubelet(int index, Slot slot, Pki pki) {
        return """
                apiVersion: kubelet.config.k8s.io/v1beta1
                kind: KubeletConfiguration
                authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: %s}}
                authorization: {mode: Webhook}
                cgroupDriver: cgroupfs
                cgroupRoot: /%s
                failCgroupV1: false
                failSwapOn: false
                containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
                tlsCertFile: %s
                tlsPrivateKeyFile: %s
                clusterDNS: [10.96.0.10]
                clusterDomain: cluster.local
                resolvConf: /etc/resolv.conf
                volumePluginDir: /var/lib/kubelet/plugins/volume
                imageGCHighThresholdPercent: 100
                evictionHard: {memory.available: 50Mi}
                # Several pulls at once, as busy nodes are set up, so that the cache meets them at once too.
                serializeImagePulls: false
                registryPullQPS: 0
                """.formatted(
                        pki.file("ca.crt"),
                        slot.cgroup(index),
                        pki.file("node" + index + ".crt"),
                        pki.file("node" + index + ".key"));
    }
}
