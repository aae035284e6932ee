package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.Component;
import dev.larder.e2e.toolchain.Toolchain;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A node of a native cluster: containerd, kubelet and kube-proxy in network, mount and UTS namespaces of their own, with
 * the paths of a real node.
 */
public final class NativeNode implements Node {
    private static final Duration START = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(10);

    private final int index;
    private final Slot slot;
    private final NodeFiles files;
    private final Path logs;
    private final long holder;
    private final Map<String, String> environment;
    private final Component containerd;
    private final Component kubelet;
    private final Component proxy;

    NativeNode(int index, Slot slot, Toolchain tools, Pki pki, Enclosure enclosure, Path logs) {
        this.index = index;
        this.slot = slot;
        this.logs = logs;
        this.environment = Map.of("PATH", tools.searchPath());
        pki.certificate(
                name(), "/O=system:nodes/CN=system:node:" + name(), "DNS:" + name() + ",IP:" + slot.nodeAddress(index));
        Path kubeconfig = pki.kubeconfig(name(), slot.apiServer());
        Path proxyKubeconfig = pki.kubeconfig("proxy", slot.apiServer());
        Cgroups.create(slot.cgroup(index));
        files = new NodeFiles(slot.folder().resolve(name()));
        files.write(index, slot, tools, pki);
        holder = enclosure.holdNamespaces(name(), files.mountScript(name(), pki.file("ca.crt")));
        containerd = component(
                "containerd", List.of(tools.containerd().resolve("containerd").toString()));
        kubelet = component(
                "kubelet",
                List.of(
                        tools.kubernetes().resolve("kubelet").toString(),
                        "--config=" + files.folder().resolve("kubelet.yaml"),
                        "--kubeconfig=" + kubeconfig,
                        "--hostname-override=" + name(),
                        "--node-ip=" + address()));
        proxy = component(
                "kube-proxy",
                List.of(
                        tools.kubernetes().resolve("kube-proxy").toString(),
                        "--kubeconfig=" + proxyKubeconfig,
                        "--hostname-override=" + name(),
                        "--cluster-cidr=" + slot.podCidr(),
                        // The machine's own conntrack limits are not ours to change.
                        "--conntrack-max-per-core=0",
                        "--conntrack-tcp-timeout-established=0",
                        "--conntrack-tcp-timeout-close-wait=0"));
    }

    /** A program among the node's own, in its network and with its files; not started yet, ended with the cluster. */
    public Component component(String program, List<String> line) {
        return new Component(
                name() + " " + program, entry(), line, environment, logs.resolve(name() + "-" + program + ".log"));
    }

    private List<String> entry() {
        return Enclosure.entry(holder, "--pid", "--mount", "--net", "--uts");
    }

    /** Starts the node; its network must be there. It becomes Ready in Kubernetes some seconds later. */
    void start(Path pauseImage) {
        startContainerd();
        importImage(pauseImage);
        kubelet.start();
    }

    /** Starts what leads to Services; the node must be Ready: kube-proxy waits for its address only so long. */
    void startProxy() {
        proxy.start();
    }

    /** Starts containerd and returns when it answers. */
    public void startContainerd() {
        containerd.start();
        Await.until(
                "the start of " + containerd.name(),
                START,
                () -> command("ctr", "version").result().succeeded(),
                containerd::logTail);
    }

    /** Ends containerd; running containers go on. */
    public void stopContainerd() {
        containerd.stop(GRACE);
    }

    public void startKubelet() {
        kubelet.start();
    }

    /** Ends the kubelet: the node becomes NotReady, its containers go on. */
    public void stopKubelet() {
        kubelet.stop(GRACE);
    }

    @Override
    public String name() {
        return "node" + index;
    }

    @Override
    public String address() {
        return slot.nodeAddress(index);
    }

    int index() {
        return index;
    }

    long holder() {
        return holder;
    }

    List<String> networkEntry() {
        return Enclosure.entry(holder, "--net");
    }

    @Override
    public Command command(String... line) {
        return Command.of(line).behind(entry()).with(environment);
    }

    @Override
    public void importImage(Path archive) {
        command("ctr", "--namespace", "k8s.io", "images", "import", archive.toString())
                .run();
    }

    /** A folder of this machine that is {@code /etc/containerd} on the node. */
    public Path containerdConfiguration() {
        return files.folder().resolve("etc-containerd");
    }

    /** A folder of this machine that is the node's {@code /var/lib/larder}. */
    public Path larderStorage() {
        return files.folder().resolve("var-lib-larder");
    }

    List<Component> components() {
        return List.of(containerd, kubelet, proxy);
    }
}
