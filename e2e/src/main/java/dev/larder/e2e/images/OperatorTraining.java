package dev.larder.e2e.images;

import dev.larder.e2e.process.Ports;
import dev.larder.e2e.toolchain.CacheFolder;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Trains the operator by one RegistryCache, reconciled against an API server as a pod reaches it. */
final class OperatorTraining implements ImageBuilder.Training {
    private static final String NAMESPACE = "larder-system";

    private final JavaProgram operator;

    OperatorTraining(JavaProgram operator) {
        this.operator = operator;
    }

    @Override
    public void train(Path root) throws IOException, InterruptedException {
        Path var = root.resolve("var/run");
        Path account = Files.createDirectories(var.resolve("secrets/kubernetes.io/serviceaccount"));
        Path folder = Files.createDirectories(root.resolve("tmp/training"));
        try (TrainingApiServer api = new TrainingApiServer(folder);
                HttpClient http = HttpClient.newHttpClient()) {
            Files.copy(api.certificate(), account.resolve("ca.crt"));
            Files.writeString(account.resolve("token"), "training");
            Files.writeString(account.resolve("namespace"), NAMESPACE);
            int port = Ports.free();
            Map<String, String> environment = Map.of(
                    "KUBERNETES_SERVICE_HOST",
                    "127.0.0.1",
                    "KUBERNETES_SERVICE_PORT",
                    Integer.toString(api.port()),
                    "LARDER_NAMESPACE",
                    NAMESPACE,
                    "POD_NAME",
                    "training",
                    "QUARKUS_HTTP_PORT",
                    Integer.toString(port));
            URI pages = URI.create("http://127.0.0.1:" + port);
            try (JailedProgram program =
                    JailedProgram.start(Jail.open(root), operator.name(), environment, operator.trainingCommand())) {
                program.awaitOk(http, pages.resolve("/q/health/ready"));
                program.await("it has made a DaemonSet", () -> api.has("/daemonsets/"));
                program.awaitOk(http, pages.resolve("/q/metrics"));
                program.stop();
            }
        } finally {
            CacheFolder.delete(folder);
            CacheFolder.delete(var);
        }
    }
}
