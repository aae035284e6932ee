package dev.larder.e2e.operator;

import dev.larder.e2e.images.BuiltImage;
import dev.larder.e2e.images.OperatorImage;
import dev.larder.e2e.images.PackedOperator;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.Component;
import dev.larder.e2e.process.Ports;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The packaged operator as a process, with the JVM flags and the rights it has in a cluster. */
final class OperatorProgram implements AutoCloseable {

    private static final Path PROGRAM =
            Path.of("../operator/target/quarkus-app/quarkus-run.jar").toAbsolutePath();
    private static final Duration START = Duration.ofSeconds(90);

    private final Component process;
    private final int port;
    private final Runnable afterwards;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(1)).build();

    /** From what Maven has packaged. */
    OperatorProgram(String name, ApiServer api) throws IOException {
        this(name, api, line(), Map.of("KUBECONFIG", api.operatorKubeconfig().toString()), () -> {});
        if (!Files.exists(PROGRAM)) {
            throw new IllegalStateException(PROGRAM + " is missing: mvn package -pl operator -am makes it");
        }
    }

    /** From its image. */
    static OperatorProgram packed(String name, ApiServer api, BuiltImage image) throws IOException {
        PackedOperator packed = PackedOperator.of(image, api.operatorKubeconfig());
        return new OperatorProgram(name, api, packed.line(), packed.environment(), packed::close);
    }

    private OperatorProgram(
            String name, ApiServer api, List<String> line, Map<String, String> environment, Runnable afterwards)
            throws IOException {
        port = Ports.free();
        this.afterwards = afterwards;
        Map<String, String> all = new HashMap<>(environment);
        all.put("LARDER_NAMESPACE", ApiServer.NAMESPACE);
        all.put("LARDER_LOG_JSON", "false");
        all.put("POD_NAME", name);
        all.put("QUARKUS_HTTP_HOST", "127.0.0.1");
        all.put("QUARKUS_HTTP_PORT", Integer.toString(port));
        process = new Component(name, List.of(), line, all, api.folder().resolve(name + ".log"));
    }

    /** As in the image. */
    private static List<String> line() {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.addAll(OperatorImage.flags());
        line.addAll(List.of("-jar", PROGRAM.toString()));
        return line;
    }

    /** Returns when it says it is ready. */
    OperatorProgram start() {
        process.start();
        Await.until("the start of " + process.name(), START, () -> get("/q/health/ready") == 200, process::logTail);
        return this;
    }

    int get(String path) {
        return response(path).map(HttpResponse::statusCode).orElse(0);
    }

    String text(String path) {
        return response(path).map(HttpResponse::body).orElse("");
    }

    private java.util.Optional<HttpResponse<String>> response(String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return java.util.Optional.of(http.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return java.util.Optional.empty(); // not started yet, or stopped
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return java.util.Optional.empty();
        }
    }

    String log() {
        try {
            return Files.readString(process.log());
        } catch (IOException e) {
            return "no log: " + e.getMessage();
        }
    }

    boolean running() {
        return process.running();
    }

    void signal(String signal) {
        process.signal(signal);
    }

    /** In MiB, as the kernel counts it. */
    long residentMebibytes() throws IOException {
        return mebibytes("VmRSS:");
    }

    /** The most since it was started. */
    long mostResidentMebibytes() throws IOException {
        return mebibytes("VmHWM:");
    }

    private long mebibytes(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024)
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        process.stop(Duration.ofSeconds(15));
        http.shutdownNow();
        afterwards.run();
    }
}
