package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.larder.nodecache.fake.FakeRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The node cache as a program of its own, with the memory limits of the image, and what the kernel says of it. */
final class CacheProcess implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Process process;
    private final int port;
    private final int adminPort;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    private CacheProcess(Process process, int port, int adminPort) {
        this.process = process;
        this.port = port;
        this.adminPort = adminPort;
    }

    /** Returns when it is ready. Its files and its log are in the folder; {@code size} is its {@code storage.size}. */
    static CacheProcess start(Path folder, String size, FakeRegistry upstream) throws IOException {
        return start(folder, TestCache.yaml(folder, "", "", upstream).replace("size: 1Gi", "size: " + size), Map.of());
    }

    /** With another config, whose listeners have no ports yet, and more environment. */
    static CacheProcess start(Path folder, String yaml, Map<String, String> environment) throws IOException {
        int port;
        int adminPort;
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket two = new ServerSocket(0)) {
            port = one.getLocalPort();
            adminPort = two.getLocalPort();
        }
        Path config = Files.writeString(
                folder.resolve("config.yaml"),
                yaml.replace("registry: \"127.0.0.1:0\"", "registry: \"127.0.0.1:" + port + "\"")
                        .replace("admin: \"127.0.0.1:0\"", "admin: \"127.0.0.1:" + adminPort + "\""));
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms24m",
                "-Xmn12m",
                "-Xmx64m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-XX:MaxDirectMemorySize=64m",
                "-XX:MaxMetaspaceSize=64m",
                "-XX:ReservedCodeCacheSize=32m",
                "-XX:TrimNativeHeapInterval=10000",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "dev.larder.nodecache.NodeCacheMain",
                "--config",
                config.toString());
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile());
        var started = new CacheProcess(builder.start(), port, adminPort);
        started.awaitReady();
        return started;
    }

    private void awaitReady() {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    assertThat(process.isAlive()).as("it ended by itself").isTrue();
                    return admin("/readyz").statusCode() == 200;
                });
    }

    int port() {
        return port;
    }

    /** The value of a metric without labels. */
    double metric(String name) throws IOException, InterruptedException {
        return admin("/metrics")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no metric " + name));
    }

    boolean alive() {
        return process.isAlive();
    }

    HttpResponse<String> admin(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
                .timeout(LIMIT)
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    /** Asks as containerd does; {@code range} is a Range header. */
    <T> HttpResponse<T> get(String path, Optional<String> range, HttpResponse.BodyHandler<T> body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port + path + "?ns=" + TestCache.HOST))
                .timeout(LIMIT)
                .header("Accept", TestCache.ACCEPT);
        range.ifPresent(text -> request.header("Range", text));
        return client.send(request.build(), body);
    }

    /** With the query and the headers that the test wants. */
    HttpResponse<String> ask(String pathAndQuery, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + pathAndQuery))
                .timeout(LIMIT);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString(StandardCharsets.ISO_8859_1));
    }

    int openFiles() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + process.pid() + "/fd"))) {
            return (int) open.count();
        }
    }

    int threads() throws IOException {
        return (int) status("Threads:");
    }

    double residentMib() throws IOException {
        return status("VmRSS:") / 1024;
    }

    /** A field of proc(5)'s status. */
    private double status(String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        client.close();
    }
}
