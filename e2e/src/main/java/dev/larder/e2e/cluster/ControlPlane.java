package dev.larder.e2e.cluster;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Component;
import dev.larder.e2e.toolchain.Toolchain;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** etcd, the API server, the controller manager and the scheduler of a native cluster, in the enclosure's network. */
final class ControlPlane {
    private static final Duration START = Duration.ofMinutes(3);

    private final Component etcd;
    private final Component apiServer;
    private final Component controllerManager;
    private final Component scheduler;
    private final Path kubeconfig;
    private final KubernetesClient client;

    ControlPlane(Slot slot, Toolchain tools, Pki pki, Enclosure enclosure, Path logs) {
        pki.certificate(
                "apiserver",
                "/CN=kube-apiserver",
                "IP:127.0.0.1,IP:" + slot.controlPlaneAddress() + ",IP:" + Slot.KUBERNETES_SERVICE
                        + ",DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc");
        pki.rsaCertificate("admin", "/O=system:masters/CN=admin", "DNS:admin");
        pki.certificate("controller-manager", "/CN=system:kube-controller-manager", "DNS:controller-manager");
        pki.certificate("scheduler", "/CN=system:kube-scheduler", "DNS:scheduler");
        pki.certificate("proxy", "/CN=system:kube-proxy", "DNS:proxy");
        Path manager = pki.kubeconfig("controller-manager", slot.apiServer());
        Path schedulerKubeconfig = pki.kubeconfig("scheduler", slot.apiServer());
        kubeconfig = pki.kubeconfig("admin", slot.apiServer());

        Map<String, String> environment = Map.of("PATH", tools.searchPath());
        etcd = new Component("etcd", enclosure.entry(), etcdLine(slot, tools), environment, logs.resolve("etcd.log"));
        apiServer = new Component(
                "kube-apiserver",
                enclosure.entry(),
                apiServerLine(slot, tools, pki),
                environment,
                logs.resolve("kube-apiserver.log"));
        controllerManager = new Component(
                "kube-controller-manager",
                enclosure.entry(),
                List.of(
                        tools.kubernetes().resolve("kube-controller-manager").toString(),
                        "--kubeconfig=" + manager,
                        "--service-account-private-key-file=" + pki.file("sa.key"),
                        "--root-ca-file=" + pki.file("ca.crt"),
                        "--use-service-account-credentials",
                        // Its default is a folder of the machine, which it would make.
                        "--flex-volume-plugin-dir=" + slot.folder().resolve("volume-plugins"),
                        "--leader-elect=false"),
                environment,
                logs.resolve("kube-controller-manager.log"));
        scheduler = new Component(
                "kube-scheduler",
                enclosure.entry(),
                List.of(
                        tools.kubernetes().resolve("kube-scheduler").toString(),
                        "--kubeconfig=" + schedulerKubeconfig,
                        "--leader-elect=false"),
                environment,
                logs.resolve("kube-scheduler.log"));
        try {
            client = new KubernetesClientBuilder()
                    .withConfig(Config.fromKubeconfig(Files.readString(kubeconfig)))
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> etcdLine(Slot slot, Toolchain tools) {
        return List.of(
                tools.system().resolve("etcd").toString(),
                "--data-dir=" + slot.folder().resolve("etcd"),
                "--listen-client-urls=http://127.0.0.1:2379",
                "--advertise-client-urls=http://127.0.0.1:2379",
                "--listen-peer-urls=http://127.0.0.1:2380");
    }

    private static List<String> apiServerLine(Slot slot, Toolchain tools, Pki pki) {
        var line = new ArrayList<String>();
        line.add(tools.kubernetes().resolve("kube-apiserver").toString());
        line.add("--etcd-servers=http://127.0.0.1:2379");
        line.add("--bind-address=0.0.0.0");
        line.add("--secure-port=6443");
        line.add("--advertise-address=" + slot.controlPlaneAddress());
        line.add("--tls-cert-file=" + pki.file("apiserver.crt"));
        line.add("--tls-private-key-file=" + pki.file("apiserver.key"));
        line.add("--client-ca-file=" + pki.file("ca.crt"));
        line.add("--service-account-key-file=" + pki.file("sa.pub"));
        line.add("--service-account-signing-key-file=" + pki.file("sa.key"));
        line.add("--service-account-issuer=https://kubernetes.default.svc");
        line.add("--service-cluster-ip-range=" + Slot.SERVICE_CIDR);
        line.add("--authorization-mode=Node,RBAC");
        line.add("--enable-admission-plugins=NodeRestriction");
        line.add("--allow-privileged=true");
        line.add("--kubelet-client-certificate=" + pki.file("admin.crt"));
        line.add("--kubelet-client-key=" + pki.file("admin.key"));
        line.add("--kubelet-preferred-address-types=InternalIP");
        return line;
    }

    /** Returns when the API server answers. */
    void start() {
        etcd.start();
        startApiServer();
        controllerManager.start();
        scheduler.start();
        client.resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName("kube-proxy")
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "system:node-proxier")
                        .addNewSubject("rbac.authorization.k8s.io", "User", "system:kube-proxy", null)
                        .build())
                .create();
    }

    void startApiServer() {
        apiServer.start();
        Await.until("the start of the API server", START, this::answers, apiServer::logTail);
    }

    void stopApiServer() {
        apiServer.stop(Duration.ofSeconds(5));
    }

    private boolean answers() {
        try {
            return "ok".equals(client.raw("/readyz"));
        } catch (KubernetesClientException e) {
            // Not yet: refused, or 500 while its start-up hooks run, or 403 until the first roles are there.
            return false;
        }
    }

    KubernetesClient client() {
        return client;
    }

    Path kubeconfig() {
        return kubeconfig;
    }
}
