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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The node cache as a program of its own: started, asked, killed, started again on the same ports and the same disk. Its
 * files and its log are in one folder. What it started ends with it.
 */
final class CacheProcess implements AutoCloseable {

    static final List<String> AS_SHIPPED =
            List.of("@" + Path.of("src/dist/node-cache.args").toAbsolutePath());

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final Path folder;
    private final List<String> flags;
    private final Map<String, String> environment;
    private final Path config;
    private final int port;
    private final int adminPort;
    private final List<Process> started = new ArrayList<>();
    private @Nullable Process process;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();

    /**
     * Starts nothing yet.
     *
     * @param flags of the Java machine
     * @param yaml with port 0 for both listeners, which become ports of its own
     */
    CacheProcess(Path folder, List<String> flags, String yaml) throws IOException {
        this(folder, flags, yaml, Map.of());
    }

    /** @param environment more than this process's own */
    CacheProcess(Path folder, List<String> flags, String yaml, Map<String, String> environment) throws IOException {
        this.folder = folder;
        this.flags = List.copyOf(flags);
        this.environment = Map.copyOf(environment);
        this.config = folder.resolve("config.yaml");
        try (ServerSocket one = new ServerSocket(0);
                ServerSocket two = new ServerSocket(0)) {
            port = one.getLocalPort();
            adminPort = two.getLocalPort();
        }
        configure(yaml);
    }

    /** Returns when it is ready; {@code size} is its {@code storage.size}. */
    static CacheProcess start(Path folder, String size, FakeRegistry upstream) throws IOException {
        return start(folder, TestCache.yaml(folder, "", "", upstream).replace("size: 1Gi", "size: " + size), Map.of());
    }

    /** With another config, and more environment. */
    static CacheProcess start(Path folder, String yaml, Map<String, String> environment) throws IOException {
        CacheProcess cache = new CacheProcess(folder, AS_SHIPPED, yaml, environment);
        cache.serve();
        return cache;
    }

    /** Puts another config file in the place of the one there, at once. */
    void configure(String yaml) throws IOException {
        Path next = folder.resolve("config.next");
        Files.writeString(
                next,
                yaml.replace("registry: \"127.0.0.1:0\"", "registry: \"127.0.0.1:" + port + "\"")
                        .replace("admin: \"127.0.0.1:0\"", "admin: \"127.0.0.1:" + adminPort + "\""));
        Files.move(next, config, java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    Path config() {
        return config;
    }

    /** Starts it and waits until it is ready. */
    void serve() throws IOException {
        launch();
        awaitReady();
    }

    void launch() throws IOException {
        launch("");
    }

    /** @param before words of shell before the program */
    void launch(String before) throws IOException {
        process = run(before, "--config", config.toString());
    }

    /** The program with other arguments. */
    Process run(String before, String... args) throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", before + "exec \"$@\"", "sh"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        command.add("dev.larder.nodecache.NodeCacheMain");
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
        builder.environment().put("MALLOC_ARENA_MAX", "2");
        builder.environment().putAll(environment);
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile());
        Process begun = builder.start();
        started.removeIf(earlier -> !earlier.isAlive());
        started.add(begun);
        return begun;
    }

    void awaitReady() {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> {
                    assertThat(alive()).as("it ended by itself").isTrue();
                    return admin("/readyz").statusCode() == 200;
                });
    }

    private Process process() {
        return Objects.requireNonNull(process, "it was not started");
    }

    /** SIGKILL, at a moment that nothing in the program can know. */
    void killAfter(int millis) throws InterruptedException {
        assertThat(process().waitFor(millis, TimeUnit.MILLISECONDS)).isFalse();
        process().destroyForcibly().waitFor();
    }

    /** Asks it to stop. */
    Process stop() {
        process().destroy();
        return process();
    }

    long pid() {
        return process().pid();
    }

    int port() {
        return port;
    }

    /** The value of a metric; the name has its labels. */
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
        return process().isAlive();
    }

    HttpResponse<String> admin(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + adminPort + path))
                .timeout(LIMIT)
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }

    HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
        return get(path, Optional.empty(), HttpResponse.BodyHandlers.ofByteArray());
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

    /** Files below a folder of its store. */
    List<Path> files(String part) throws IOException {
        Path root = folder.resolve("store/v1").resolve(part);
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        return StoreFiles.below(root);
    }

    String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    int openFiles() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid() + "/fd"))) {
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
        return Files.readAllLines(Path.of("/proc/" + pid() + "/status")).stream()
                .filter(line -> line.startsWith(field))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        started.forEach(Process::destroyForcibly);
        // Not close(), which waits for answers that nobody reads to their end.
        client.shutdownNow();
    }
}
