package dev.larder.e2e.delivery;

import dev.larder.e2e.cluster.Edits;
import dev.larder.e2e.cluster.Kinds;
import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.install.Helm;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Component;
import dev.larder.e2e.toolchain.DeliveryTools;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The parts of Argo CD that bring git to a cluster: its application controller, its repo server and Redis, beside the control
 * plane of a native cluster. Its API server and its pages are not there; what it knows is in its Applications. It ends with
 * the cluster.
 */
final class ArgoCd {
    private static final String NAMESPACE = "argocd";
    private static final String GROUP_VERSION = "argoproj.io/v1alpha1";
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final String REDIS = "127.0.0.1:6379";
    private static final String REPO_SERVER = "127.0.0.1:8081";
    /** What an installation of Argo CD has: without the label it does not see its settings. */
    private static final String SETTINGS = """
            apiVersion: v1
            kind: Secret
            metadata: {name: argocd-secret, namespace: argocd, labels: {app.kubernetes.io/part-of: argocd}}
            stringData: {server.secretkey: not-used-without-its-api-server}
            """;

    private static final String PROJECT = """
            apiVersion: argoproj.io/v1alpha1
            kind: AppProject
            metadata: {name: default, namespace: argocd}
            spec:
              sourceRepos: ["*"]
              destinations: [{server: "*", namespace: "*"}]
              clusterResourceWhitelist: [{group: "*", kind: "*"}]
            """;

    private final NativeCluster cluster;
    private final List<Component> components;

    private ArgoCd(NativeCluster cluster, List<Component> components) {
        this.cluster = cluster;
        this.components = components;
    }

    /** Starts it with the settings that the text adds to its ConfigMap. */
    static ArgoCd start(NativeCluster cluster, DeliveryTools.ArgoCdPrograms programs, String settings) {
        var argo = new ArgoCd(cluster, components(cluster, programs));
        argo.install(programs, settings);
        argo.components.forEach(Component::start);
        return argo;
    }

    private static List<Component> components(NativeCluster cluster, DeliveryTools.ArgoCdPrograms programs) {
        Path folder = cluster.folder().resolve("argocd");
        try {
            for (String each : List.of("tmp", "tls", "ssh", "gpg", "plugins")) {
                Files.createDirectories(folder.resolve(each));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String program = programs.program().toString();
        return List.of(
                cluster.component(
                        "argocd-redis",
                        List.of(
                                programs.commands().resolve("redis-server").toString(),
                                "--bind",
                                "127.0.0.1",
                                "--port",
                                "6379",
                                "--save",
                                "",
                                "--appendonly",
                                "no",
                                "--dir",
                                folder.toString()),
                        Map.of()),
                cluster.component(
                        "argocd-repo-server",
                        List.of(
                                program,
                                "--address",
                                "127.0.0.1",
                                "--port",
                                "8081",
                                "--metrics-port",
                                "8084",
                                "--redis",
                                REDIS,
                                "--disable-tls",
                                "--logformat",
                                "text"),
                        environment(cluster, programs, folder, "argocd-repo-server")),
                cluster.component(
                        "argocd-application-controller",
                        List.of(
                                program,
                                "--kubeconfig",
                                cluster.kubeconfig().toString(),
                                "--namespace",
                                NAMESPACE,
                                "--metrics-port",
                                "8082",
                                "--redis",
                                REDIS,
                                "--repo-server",
                                REPO_SERVER,
                                "--repo-server-plaintext",
                                "--self-heal-timeout-seconds",
                                "1",
                                "--status-processors",
                                "2",
                                "--operation-processors",
                                "2",
                                "--logformat",
                                "text"),
                        environment(cluster, programs, folder, "argocd-application-controller")));
    }

    private static Map<String, String> environment(
            NativeCluster cluster, DeliveryTools.ArgoCdPrograms programs, Path folder, String part) {
        Helm helm = Helm.of(cluster);
        var environment = new HashMap<String, String>();
        environment.put("ARGOCD_BINARY_NAME", part);
        // It is not in a pod: the cluster it calls its own is that of the kubeconfig.
        environment.put("ARGOCD_FAKE_IN_CLUSTER", "true");
        environment.put("KUBECONFIG", cluster.kubeconfig().toString());
        environment.put("ARGOCD_GPG_ENABLED", "false");
        environment.put("ARGOCD_TLS_DATA_PATH", folder.resolve("tls").toString());
        environment.put("ARGOCD_SSH_DATA_PATH", folder.resolve("ssh").toString());
        environment.put("ARGOCD_GNUPGHOME", folder.resolve("gpg").toString());
        environment.put("ARGOCD_PLUGINSOCKFILEPATH", folder.resolve("plugins").toString());
        environment.put("TMPDIR", folder.resolve("tmp").toString());
        // Else in /tmp, where it would stay.
        environment.put("ARGOCD_ASK_PASS_SOCK", folder.resolve("ask-pass.sock").toString());
        environment.put("HOME", folder.toString());
        environment.put("GIT_EXEC_PATH", programs.gitPrograms().toString());
        environment.put("GIT_TEMPLATE_DIR", "");
        environment.put("GIT_CONFIG_NOSYSTEM", "1");
        environment.put(
                "PATH",
                programs.commands() + ":" + helm.program().getParent() + ":"
                        + cluster.tools().searchPath());
        return environment;
    }

    private void install(DeliveryTools.ArgoCdPrograms programs, String settings) {
        try (Stream<Path> files = Files.list(programs.manifests())) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith("-crd.yaml")).toList()) {
                client().resource(Files.readString(file)).create();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        client().resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(NAMESPACE)
                        .endMetadata()
                        .build())
                .create();
        client().resource(settings).serverSideApply();
        client().resource(SETTINGS).create();
        Kinds.awaitServed(client(), GROUP_VERSION, "applications", "appprojects");
        client().resource(PROJECT).create();
    }

    /** One Application, after its status. */
    Resource<GenericKubernetesResource> application(String name) {
        return client().genericKubernetesResources(GROUP_VERSION, "Application")
                .inNamespace(NAMESPACE)
                .withName(name);
    }

    /** A field of its status such as {@code sync.status}; empty when it is not there yet. */
    Optional<String> status(String name, String field) {
        Object value = application(name).get();
        if (value == null) {
            return Optional.empty();
        }
        value = ((GenericKubernetesResource) value).getAdditionalProperties().get("status");
        for (String key : field.split("\\.", -1)) {
            value = value instanceof Map<?, ?> map ? map.get(key) : null;
        }
        return Optional.ofNullable(value).map(Object::toString);
    }

    /** Returns when what that commit says is in the cluster and healthy. */
    void awaitHealthy(String name, String commit) {
        refresh(name);
        Await.until(
                name + " being Synced and Healthy at " + commit,
                LIMIT,
                () -> status(name, "sync.status").equals(Optional.of("Synced"))
                        && status(name, "sync.revision").equals(Optional.of(commit))
                        && status(name, "health.status").equals(Optional.of("Healthy"))
                        && status(name, "operationState.phase").equals(Optional.of("Succeeded")),
                () -> evidence(name));
    }

    /** Asks for everything anew, past all caches, and returns when it has been compared. */
    void refresh(String name) {
        Edits.edit(application(name), application -> {
            var annotations =
                    new HashMap<>(Optional.ofNullable(application.getMetadata().getAnnotations())
                            .orElse(Map.of()));
            annotations.put("argocd.argoproj.io/refresh", "hard");
            application.getMetadata().setAnnotations(annotations);
            return application;
        });
        Await.until(
                "the refresh of " + name,
                LIMIT,
                () -> Optional.ofNullable(application(name).get())
                        .map(application -> application.getMetadata().getAnnotations())
                        .map(annotations -> !annotations.containsKey("argocd.argoproj.io/refresh"))
                        .orElse(true),
                () -> evidence(name));
    }

    /** Returns when the Application is gone with all that it had made. */
    void delete(String name) {
        application(name).delete();
        Await.until("the end of " + name, LIMIT, () -> application(name).get() == null, () -> evidence(name));
    }

    private String evidence(String name) {
        return "It says "
                + Optional.ofNullable(application(name).get())
                        .map(application ->
                                application.getAdditionalProperties().get("status"))
                        .map(Objects::toString)
                        .orElse("nothing")
                + components.stream()
                        .map(component -> "\n" + component.name() + ":\n" + component.logTail())
                        .reduce("", String::concat);
    }

    private KubernetesClient client() {
        return cluster.client();
    }
}
