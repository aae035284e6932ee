package dev.larder.e2e.monitoring;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.larder.e2e.cluster.NativeCluster;
import dev.larder.e2e.process.Await;
import dev.larder.e2e.process.CommandFailure;
import dev.larder.e2e.process.Component;
import dev.larder.e2e.toolchain.PrometheusTools;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/** A real Prometheus that scrapes the Larder of one native cluster. It ends with its cluster; thread-safe. */
public final class Prometheus {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration GRACE = Duration.ofSeconds(5);
    private static final Duration TARGETS = Duration.ofSeconds(60);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final ObjectMapper json = new ObjectMapper();
    private final HttpClient http = HttpClient.newHttpClient();
    private final URI url;
    private final Component process;

    /** One series of an answer, its name among the labels as {@code __name__}. */
    public record Sample(Map<String, String> labels, double value) {
        public Sample {
            labels = Map.copyOf(labels);
        }
    }

    /** @param state pending or firing */
    public record Alert(String name, Map<String, String> labels, String state) {
        public Alert {
            labels = Map.copyOf(labels);
        }
    }

    /** @param health up, down or unknown */
    public record Target(Map<String, String> labels, String health, String lastError) {
        public Target {
            labels = Map.copyOf(labels);
        }
    }

    private Prometheus(URI url, Component process) {
        this.url = url;
        this.process = process;
    }

    /**
     * Starts one with these rules, which scrapes and evaluates at this interval, and returns when it answers. Where it has no
     * discovery, its targets are and remain the pods that are there now.
     */
    public static Prometheus start(NativeCluster cluster, PrometheusTools tools, String rules, Duration interval) {
        int port = cluster.newPort();
        Path folder = cluster.folder().resolve("prometheus-" + port);
        Path settings = PrometheusSettings.write(cluster, folder, rules, interval, tools.discovery());
        String address = cluster.controlPlaneAddress() + ":" + port;
        Component process = cluster.component(
                "prometheus-" + port,
                List.of(
                        tools.server().toString(),
                        "--config.file=" + settings,
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=" + address,
                        "--log.level=warn"),
                Map.of());
        process.start();
        var prometheus = new Prometheus(URI.create("http://" + address), process);
        Await.until("the start of Prometheus", START, prometheus::ready, process::logTail);
        return prometheus;
    }

    /** Ends it in order, while all that it is connected to is still there. */
    public void stop() {
        process.stop(GRACE);
    }

    public URI url() {
        return url;
    }

    /** Its own word of which release it is. */
    public String version() {
        return get("/api/v1/status/buildinfo").path("version").asText();
    }

    private boolean ready() {
        try {
            return send(url.resolve("/-/ready")).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    /** Where anybody gets what an expression gives now, as JSON. */
    public URI queryUrl(String expression) {
        // Recorded series have colons in their names, which a query may have as they are.
        String encoded = URLEncoder.encode(expression, StandardCharsets.UTF_8).replace("%3A", ":");
        return url.resolve("/api/v1/query?query=" + encoded);
    }

    /** What an expression gives now; it has to give a vector. */
    public List<Sample> query(String expression) {
        JsonNode answer = get(queryUrl(expression));
        if (!answer.path("resultType").asText().equals("vector")) {
            throw new CommandFailure(expression + " is no vector: " + answer);
        }
        return list(answer.path("result")).stream()
                .map(row -> new Sample(
                        strings(row.path("metric")),
                        Double.parseDouble(row.path("value").path(1).asText())))
                .toList();
    }

    /** The one value that an expression gives now; empty when it gives none. */
    public OptionalDouble value(String expression) {
        List<Sample> samples = query(expression);
        if (samples.size() > 1) {
            throw new CommandFailure(expression + " gives more than one value: " + samples);
        }
        return samples.stream().mapToDouble(Sample::value).findFirst();
    }

    /** The alerts that are pending or firing. */
    public List<Alert> alerts() {
        return list(get("/api/v1/alerts").path("alerts")).stream()
                .map(alert -> new Alert(
                        alert.path("labels").path("alertname").asText(),
                        strings(alert.path("labels")),
                        alert.path("state").asText()))
                .toList();
    }

    /** Names of alerting and recording rules whose last evaluation failed, with the error. */
    public Map<String, String> brokenRules() {
        Map<String, String> broken = new HashMap<>();
        for (JsonNode group : list(get("/api/v1/rules").path("groups"))) {
            for (JsonNode rule : list(group.path("rules"))) {
                if (rule.path("health").asText().equals("err")) {
                    broken.put(
                            rule.path("name").asText(), rule.path("lastError").asText());
                }
            }
        }
        return broken;
    }

    public List<Target> targets() {
        return list(get("/api/v1/targets?state=active").path("activeTargets")).stream()
                .map(target -> new Target(
                        strings(target.path("labels")),
                        target.path("health").asText(),
                        target.path("lastError").asText()))
                .toList();
    }

    /** The name of every metric it has ever had. */
    public Set<String> metricNames() {
        var names = new TreeSet<String>();
        get("/api/v1/label/__name__/values").forEach(name -> names.add(name.asText()));
        return names;
    }

    /** Returns when it has so many targets and each has answered. */
    public void awaitTargets(int count) {
        Await.until(
                count + " targets that answer Prometheus",
                TARGETS,
                () -> targets().size() == count
                        && targets().stream().allMatch(target -> target.health().equals("up")),
                () -> targets().toString());
    }

    private static List<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).toList();
    }

    private static Map<String, String> strings(JsonNode object) {
        var map = new HashMap<String, String>();
        object.properties()
                .forEach(entry -> map.put(entry.getKey(), entry.getValue().asText()));
        return map;
    }

    private JsonNode get(String path) {
        return get(url.resolve(path));
    }

    private JsonNode get(URI from) {
        try {
            HttpResponse<String> answer = send(from);
            JsonNode body = json.readTree(answer.body());
            if (answer.statusCode() != 200) {
                throw new CommandFailure(from + " gave " + answer.statusCode() + ": " + answer.body());
            }
            return body.path("data");
        } catch (IOException e) {
            throw new CommandFailure(from + " does not answer: " + e.getMessage(), e);
        }
    }

    private HttpResponse<String> send(URI from) throws IOException {
        try {
            HttpRequest request = HttpRequest.newBuilder(from).timeout(LIMIT).build();
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while asking " + url, e);
        }
    }
}
