package dev.larder.e2e.operator;

import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.Component;
import dev.larder.e2e.process.Ports;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.Progress;
import dev.larder.e2e.toolchain.Toolchain;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
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
import java.util.Set;

/**
 * etcd and a kube-apiserver on free ports of this machine, with Larder's CRD and the operator's ServiceAccount and roles as
 * deploy/install.yaml has them. No controllers and no nodes: objects stay as the tests put them.
 */
final class ApiServer implements AutoCloseable {

    static final String NAMESPACE = "larder-system";

    private static final Duration START = Duration.ofSeconds(60);
    private static final String ADMIN_TOKEN = "admin-token";
    private static final String OPERATOR_TOKEN = "operator-token";
    private static final String OPERATOR = "system:serviceaccount:" + NAMESPACE + ":larder-operator";
    private static final Path INSTALL = Path.of("../deploy/install.yaml");
    private static final Set<String> INSTALLED = Set.of(
            "Namespace",
            "CustomResourceDefinition",
            "ServiceAccount",
            "ClusterRole",
            "ClusterRoleBinding",
            "Role",
            "RoleBinding");

    private final Path folder;
    private final Toolchain tools;
    private final int port;
    private final Component etcd;
    private final Component apiServer;
    private final KubernetesClient client;
    private final AuditLog audit;

    private ApiServer(Path folder, Toolchain tools, boolean audited) throws IOException {
        this.folder = folder;
        this.tools = tools;
        int etcdPort = Ports.free();
        int peerPort = Ports.free();
        port = Ports.free();
        Path keys = folder.resolve("keys");
        Files.createDirectories(keys);
        Path key = keys.resolve("sa.key");
        String openssl = tools.system().resolve("openssl").toString();
        Command.of(openssl, "genrsa", "-out", key.toString(), "2048").run();
        Files.writeString(
                keys.resolve("tokens.csv"),
                ADMIN_TOKEN + ",admin,admin,system:masters\n" + OPERATOR_TOKEN + "," + OPERATOR
                        + ",operator,\"system:serviceaccounts,system:serviceaccounts:" + NAMESPACE
                        + "\"\n");
        Map<String, String> environment = Map.of("PATH", tools.searchPath());
        String etcdUrl = "http://127.0.0.1:" + etcdPort;
        String peerUrl = "http://127.0.0.1:" + peerPort;
        etcd = new Component(
                "etcd",
                List.of(),
                List.of(
                        tools.system().resolve("etcd").toString(),
                        "--data-dir=" + folder.resolve("etcd"),
                        "--listen-client-urls=" + etcdUrl,
                        "--advertise-client-urls=" + etcdUrl,
                        "--listen-peer-urls=" + peerUrl,
                        "--initial-advertise-peer-urls=" + peerUrl,
                        "--initial-cluster=default=" + peerUrl),
                environment,
                folder.resolve("etcd.log"));
        List<String> line = new ArrayList<>(List.of(
                tools.kubernetes().resolve("kube-apiserver").toString(),
                "--etcd-servers=" + etcdUrl,
                "--bind-address=127.0.0.1",
                "--secure-port=" + port,
                "--cert-dir=" + keys,
                "--token-auth-file=" + keys.resolve("tokens.csv"),
                "--service-account-key-file=" + key,
                "--service-account-signing-key-file=" + key,
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-cluster-ip-range=10.96.0.0/24",
                "--disable-admission-plugins=ServiceAccount",
                "--authorization-mode=RBAC"));
        audit = AuditLog.in(folder);
        if (audited) {
            line.addAll(audit.flags(OPERATOR));
        }
        apiServer = new Component("kube-apiserver", List.of(), line, environment, folder.resolve("kube-apiserver.log"));
        client = new KubernetesClientBuilder().withConfig(config(ADMIN_TOKEN)).build();
    }

    /** Returns when it answers and knows the RegistryCache. */
    static ApiServer start() throws IOException {
        return start(false);
    }

    /** The same, with every call of the operator in {@link #audit}. */
    static ApiServer startAudited() throws IOException {
        return start(true);
    }

    private static ApiServer start(boolean audited) throws IOException {
        CacheFolder cache = CacheFolder.ofEnvironment();
        Toolchain tools = Toolchain.prepare(cache, new Progress(System.out));
        ApiServer server = new ApiServer(Files.createTempDirectory("larder-api-"), tools, audited);
        // A JVM that is asked to end runs no close() of a test.
        Runtime.getRuntime().addShutdownHook(new Thread(server::end, "end of the API server"));
        server.etcd.start();
        server.startAgain();
        server.install();
        return server;
    }

    void startAgain() {
        apiServer.start();
        Await.until("the start of the API server", START, this::answers, apiServer::logTail);
    }

    void stop() {
        apiServer.stop(Duration.ofSeconds(10));
    }

    private void install() throws IOException {
        try (var yaml = Files.newInputStream(INSTALL)) {
            for (HasMetadata item : client.load(yaml).items()) {
                if (INSTALLED.contains(item.getKind())) {
                    client.resource(item).serverSideApply();
                }
            }
        }
        Await.until("the API of Larder's kinds", START, () -> kubectl("get", "registrycaches,mirroredimages")
                .succeeded());
    }

    private boolean answers() {
        try {
            return "ok".equals(client.raw("/readyz"));
        } catch (KubernetesClientException e) {
            return false; // not yet
        }
    }

    /** With all rights. */
    KubernetesClient client() {
        return client;
    }

    Command.Result kubectl(String... arguments) {
        var line = new ArrayList<>(List.of(tools.kubectl().toString()));
        line.addAll(List.of(arguments));
        return Command.of(line)
                .with(Map.of("KUBECONFIG", kubeconfig("admin", ADMIN_TOKEN).toString()))
                .result();
    }

    /** Rights of the operator's ServiceAccount, and no others. */
    Path operatorKubeconfig() {
        return kubeconfig("operator", OPERATOR_TOKEN);
    }

    AuditLog audit() {
        return audit;
    }

    Path folder() {
        return folder;
    }

    private Path kubeconfig(String name, String token) {
        try {
            return Files.writeString(folder.resolve(name + ".kubeconfig"), """
                    apiVersion: v1
                    kind: Config
                    clusters: [{name: c, cluster: {server: "https://127.0.0.1:%d", insecure-skip-tls-verify: true}}]
                    users: [{name: u, user: {token: %s}}]
                    contexts: [{name: x, context: {cluster: c, user: u}}]
                    current-context: x
                    """.formatted(port, token));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Config config(String token) {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:" + port)
                .withOauthToken(token)
                .withTrustCerts(true)
                .withDisableHostnameVerification(true)
                .withRequestRetryBackoffLimit(0)
                .build();
    }

    @Override
    public void close() {
        client.close();
        end();
    }

    private void end() {
        apiServer.stop(Duration.ofSeconds(10));
        etcd.stop(Duration.ofSeconds(5));
        CacheFolder.delete(folder);
    }
}
