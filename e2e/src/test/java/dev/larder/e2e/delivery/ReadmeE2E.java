package dev.larder.e2e.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.larder.e2e.install.Helm;
import dev.larder.e2e.monitoring.PrometheusFiles;
import dev.larder.e2e.process.Command;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.toolchain.CacheFolder;
import dev.larder.e2e.toolchain.PrometheusTools;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What README tells its readers to type does what it says, and install.yaml is a base for kustomize. */
class ReadmeE2E {
    private static final String INSTALL =
            "helm install larder helm/larder --namespace larder-system --create-namespace";
    private static final String PLAIN = "kubectl apply -f deploy/install.yaml";

    @SuppressWarnings("NullAway.Init")
    private static Grounds grounds;

    @BeforeAll
    static void start() throws IOException {
        grounds = Grounds.prepare();
    }

    @AfterAll
    static void end() {
        grounds.close();
    }

    @Test
    void everyCommand_works() throws IOException {
        List<String> commands = ReadmeCommands.of(Grounds.TREE.resolve("README.md"), "Use it");
        assertThat(commands).startsWith("make images", INSTALL);
        assertThat(commands).contains(PLAIN).anyMatch(command -> command.startsWith("helm uninstall "));

        for (String command : commands) {
            if (!command.equals(PLAIN)) {
                run(command);
            }
        }
        run("kubectl delete mimg --all");
        grounds.awaitNoObjectOfOurs();
        grounds.awaitNodeAsItWas();

        run(PLAIN);
        run("kubectl apply -f deploy/examples/default.yaml");
        grounds.larder().awaitReady("default");
        run("kubectl delete registrycache --all");
        grounds.awaitNodeAsItWas();
        run("kubectl delete -f deploy/install.yaml");
        grounds.awaitNoObjectOfOurs();
    }

    @Test
    void prometheusOperator_takesWhatThePageTellsToTurnOn() throws IOException {
        List<String> commands =
                ReadmeCommands.of(Grounds.TREE.resolve("deploy/prometheus/README.md"), "With the Prometheus operator");
        assertThat(commands).singleElement().asString().contains("helm upgrade", "prometheusRule.enabled=true");
        Path kinds = PrometheusTools.operatorKinds(CacheFolder.ofEnvironment());
        output("kubectl create -f " + kinds);
        output("kubectl wait crd --all --for condition=Established --timeout 60s");
        output(INSTALL);
        try {
            output(commands.getFirst());
            assertThat(output("kubectl get servicemonitors,prometheusrules -n larder-system -o name"))
                    .hasLineCount(3)
                    .contains("/larder-node-cache", "/larder-operator", "prometheusrule.monitoring.coreos.com/larder");
            assertThat(output("kubectl get configmap larder-dashboard -n larder-system -o name"))
                    .isNotBlank();
            String rule = output("kubectl get prometheusrule larder -n larder-system -o yaml");
            assertThat(spec(rule))
                    .as("nothing of it is unknown to the Prometheus operator")
                    .isEqualTo(yaml(Files.readString(PrometheusFiles.rules())));
            Path wrong = Files.writeString(
                    grounds.cluster().folder().resolve("wrong-rule.yaml"), rule.replace(" expr: ", " expression: "));
            assertThatThrownBy(() -> output("kubectl apply --dry-run=server -f " + wrong))
                    .hasMessageContaining("expression");
        } finally {
            output("helm uninstall larder -n larder-system");
            output("kubectl delete -f " + kinds);
        }
        grounds.awaitNoObjectOfOurs();
    }

    private static Object spec(String object) {
        return Objects.requireNonNull(((Map<?, ?>) yaml(object)).get("spec"));
    }

    private static Object yaml(String text) {
        return grounds.client().getKubernetesSerialization().unmarshal(text, Map.class);
    }

    /** With what the reader has waited for before the next. */
    private static void run(String command) {
        if (command.startsWith("kubectl annotate ")
                && !output("kubectl get mimg --output name").contains("/nginx")) {
            output("kubectl apply -f deploy/examples/mirrored-image.yaml");
        }
        output(command);
        if (command.contains("deploy/examples/default.yaml")) {
            grounds.larder().awaitOperator();
            grounds.larder().awaitReady("default");
            assertThat(grounds.entry()).exists();
        }
    }

    private static String output(String command) {
        Helm helm = Helm.of(grounds.cluster());
        var environment = new HashMap<>(helm.environment());
        Path kubectl = grounds.cluster().tools().kubectl();
        environment.put("PATH", helm.program().getParent() + ":" + kubectl.getParent() + ":" + System.getenv("PATH"));
        // Without a build, which would change what this JVM runs.
        return Command.of("sh", "-c", command.replace("make ", "make -o build "))
                .with(environment)
                .in(Grounds.TREE)
                .run();
    }

    @Test
    void kustomize_givesInstallYaml() throws IOException {
        String made = output("kubectl kustomize deploy");
        assertThat(objects(made)).isEqualTo(objects(Files.readString(Grounds.TREE.resolve("deploy/install.yaml"))));
    }

    private static Map<String, HasMetadata> objects(String yaml) {
        var objects = new HashMap<String, HasMetadata>();
        for (HasMetadata object : grounds.objects(yaml)) {
            String name = object.getKind() + "/" + object.getMetadata().getName();
            if (objects.put(name, object) != null) {
                throw new CommandFailure(name + " is there twice");
            }
        }
        return objects;
    }
}
